package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vpns.Allocation;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.PromptFactory;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.allocate.Allocations;
import org.vpns.allocate.LayerDensities;
import org.vpns.image.Augmentation;
import org.vpns.mapping.Mappings;
import org.vpns.optim.SharedScores;
import org.vpns.optim.SharedScores.Gates;
import org.vpns.optim.UpdateRule;
import org.vpns.plugin.NamedPruners;
import org.vpns.plugin.PrunerProvider;
import org.vpns.prompt.Prompts;
import org.vpns.prompt.Region;
import org.vpns.schedule.Schedules;
import org.vpns.score.RepeatedScorer;
import org.vpns.score.Scorers;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;
import org.vpns.testing.Altered;
import org.vpns.testing.Providers;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Regulariser;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Parts by other authors that give nothing, or what fits nothing, where they are asked. */
final class NothingGivenTest {
  private static final Regulariser NO_REGULARISER =
      new Regulariser() {
        @Override
        public Term begin(Weights weights) {
          return gradients -> {};
        }

        @Override
        public String describe() {
          return "none";
        }
      };

  private static final Sparsity HALF = Sparsity.of("0.5");
  private static final Length TWO = Length.iterations(2);
  private static final MaskRule HALVED =
      MaskRule.once(Scorers.magnitude(), Allocations.global(), HALF);

  private static Recipe.Builder of(Pruner pruner) {
    return Recipe.of(pruner, HALF).input(SmallRuns.input()).batchSize(SmallRuns.BATCH);
  }

  private static Recipe of(Stage.Builder stage) {
    return Recipe.of("own", HALF, stage.build())
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  private static Stage.Builder stage(MaskRule mask, Length length, UpdateRule rule, Pass pass) {
    return Stage.builder("tune")
        .length(length)
        .mask(mask)
        .train(Target.WEIGHTS, rule, SmallRuns.TUNING)
        .pass(pass);
  }

  private static Stage.Builder stage(MaskRule mask) {
    return stage(mask, TWO, SmallRuns.SGD, Pass.plain());
  }

  private static Pruner magnitude() {
    return Pruners.magnitude().length(TWO);
  }

  private static Pruner oneShot(Scorer scorer, Allocation allocation) {
    return new OneShotPruner("own", scorer).allocation(allocation).length(TWO);
  }

  private static Pruner gradual(Schedule schedule) {
    return Pruners.gradual().schedule(schedule).length(Length.iterations(12));
  }

  private static Pruner learned(Allocation allocation) {
    return Pruners.hydra().allocation(allocation).lengths(TWO, TWO);
  }

  private static void fit(Recipe recipe) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Untouched before = Untouched.of(model);
      try {
        Trainer.of(recipe).fit(model, SmallRuns.splits(manager)).close();
      } catch (RuntimeException e) {
        before.assertStill(model);
        throw e;
      }
    }
  }

  /** The parts, each with what its method does where null is given for what a run asks of it. */
  private static final class Cases {
    final List<DynamicTest> tests = new ArrayList<>();

    <T> void add(Class<T> type, T real, Function<T, Recipe> recipe, String... methods) {
      for (String method : methods) {
        String whole = type.getName().replaceFirst(".*[.]", "").replace('$', '.') + "." + method;
        add(whole, whole, () -> recipe.apply(Altered.without(type, method, real)));
      }
    }

    void add(String name, String told, Supplier<Recipe> recipe) {
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                Throwable failure = catchThrowable(() -> fit(recipe.get()));
                assertThat(failure)
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageStartingWith("argument missing: ")
                    .hasMessageContaining(told);
                Untouched.assertForm(failure);
              }));
    }
  }

  @TestFactory
  List<DynamicTest> part_thatGivesNothing_isNamed_andTheModelIsAsItWas() {
    Cases cases = new Cases();
    Allocation global = Allocations.global();
    cases.add(Scorer.class, Scorers.magnitude(), s -> of(oneShot(s, global)).build(), "score");
    cases.add(
        Scorer.class,
        Scorers.magnitude(),
        s -> of(Pruners.gradual().scorer(s).length(Length.iterations(12))).build(),
        "score");
    cases.add(
        RepeatedScorer.class,
        (RepeatedScorer) Scorers.synFlow(),
        s -> of(stage(new RoundsRule(s, global, HALF, 2))),
        "open");
    cases.add(
        Allocation.class,
        global,
        a -> of(oneShot(Scorers.magnitude(), a)).build(),
        "allocateWithin");
    cases.add(Allocation.class, global, a -> of(learned(a)).build(), "allocateWithin", "allocate");
    cases.add(
        Schedule.class, Schedules.cubic(HALF, 3, 2), s -> of(gradual(s)).build(), "last", "at");
    cases.add(Pruner.class, magnitude(), p -> of(p).build(), "name", "stages");
    LabelMapping frequency = Mappings.frequency();
    Function<LabelMapping, Recipe> mapped = m -> of(magnitude()).mapping(m).build();
    cases.add(LabelMapping.class, frequency, mapped, "moment", "assign");
    Function<PromptFactory, Recipe> prompted = p -> of(learned(global)).prompt(p).build();
    cases.add(PromptFactory.class, Prompts.pad(2), prompted, "create");
    Function<Augmentation, Recipe> augmented = a -> of(magnitude()).augmentation(a).build();
    cases.add(Augmentation.class, Augmentation.flip(), augmented, "apply");
    cases.add(
        UpdateRule.class,
        UpdateRule.sgd().momentum(0.9),
        rule -> of(stage(HALVED, TWO, rule, Pass.plain())),
        "slots");
    cases.add(
        DataOrder.class,
        DataOrder.shuffled(),
        order -> of(stage(HALVED, TWO, SmallRuns.SGD, Pass.plain().order(order))),
        "of");
    cases.add(Regulariser.class, NO_REGULARISER, r -> of(stage(HALVED).regularise(r)), "begin");
    cases.add(
        Regulariser.class,
        NO_REGULARISER,
        r -> of(stage(HALVED).regularise(NO_REGULARISER.plus(r))),
        "begin");
    MovingMask moving =
        (MovingMask) gradual(Schedules.cubic(HALF, 3, 2)).stages(HALF).get(0).mask();
    cases.add(
        MovingMask.class,
        moving,
        m -> of(stage(m, Length.iterations(12), SmallRuns.SGD, Pass.plain())),
        "movement");
    GroupedAllocation ungrouped =
        new GroupedAllocation() {
          @Override
          public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
            return null;
          }

          @Override
          public String describe() {
            return "ungrouped";
          }
        };
    cases.add(
        "GroupedAllocation.groups",
        "ungrouped, what GroupedAllocation.groups gives",
        () -> of(oneShot(Scorers.magnitude(), ungrouped)).build());
    cases.add(
        LayerDensities.class,
        LayerDensities.uniform(),
        d -> of(oneShot(Scorers.magnitude(), Allocations.layerwise(d))).build(),
        "of");
    Region still = new Still();
    Function<Region, Recipe> region =
        r -> of(learned(global)).prompt(Prompts.of("own", Map.of(), canvas -> r)).build();
    cases.add(Region.class, still, region, "mask", "options");
    cases.add("region", "what its region gives", () -> region.apply(null));
    SharedScores shared = new Halves(gates -> gates);
    Function<SharedScores, Recipe> gated = s -> of(finding(MaskRule.shared(s)));
    cases.add(SharedScores.class, shared, gated, "open", "describe");
    for (String method : List.of("start", "select", "masks", "settled")) {
      cases.add(
          "Gates." + method,
          "what Gates." + method + " gives",
          () -> gated.apply(new Halves(gates -> Altered.without(Gates.class, method, gates))));
    }
    describing(cases);
    // who leaves out what a text is made of is named by the option
    cases.add(
        "LabelMapping.describe",
        "recipe OMP, options[mapping]",
        () -> mapped.apply(Altered.without(LabelMapping.class, "describe", frequency)));
    cases.add(
        "Augmentation.describe",
        "recipe OMP, options[augmentation]",
        () ->
            augmented.apply(Altered.without(Augmentation.class, "describe", Augmentation.flip())));
    return cases.tests;
  }

  private static void describing(Cases cases) {
    Allocation global = Allocations.global();
    Scorer magnitude = Scorers.magnitude();
    cases.add(Scorer.class, magnitude, s -> of(oneShot(s, global)).build(), "describe");
    cases.add(Allocation.class, global, a -> of(oneShot(magnitude, a)).build(), "describe");
    cases.add(Schedule.class, Schedules.cubic(HALF, 3, 2), s -> of(gradual(s)).build(), "describe");
    cases.add(
        UpdateRule.class,
        UpdateRule.sgd(),
        rule -> of(stage(HALVED, TWO, rule, Pass.plain())),
        "describe");
    cases.add(
        DataOrder.class,
        DataOrder.shuffled(),
        order -> of(stage(HALVED, TWO, SmallRuns.SGD, Pass.plain().order(order))),
        "describe");
    Function<PromptFactory, Recipe> prompted = p -> of(learned(global)).prompt(p).build();
    cases.add(
        "PromptFactory.describe",
        "options[prompt]",
        () -> prompted.apply(Altered.without(PromptFactory.class, "describe", Prompts.pad(2))));
    cases.add(Regulariser.class, NO_REGULARISER, r -> of(stage(HALVED).regularise(r)), "describe");
    cases.add(
        LayerDensities.class,
        LayerDensities.uniform(),
        d -> of(oneShot(magnitude, Allocations.layerwise(d))).build(),
        "describe");
  }

  private static Stage.Builder finding(MaskRule mask) {
    return Stage.builder("find")
        .length(TWO)
        .mask(mask)
        .train(Target.SCORES, SmallRuns.SGD, SmallRuns.TUNING)
        .pass(Pass.plain());
  }

  /** Two gates: the first half of each layer's weights, and the second. */
  private record Halves(UnaryOperator<Gates> seen) implements SharedScores {
    @Override
    public Gates open(ScoringContext context) {
      Layout layout = context.layout();
      Gates gates =
          new Gates() {
            @Override
            public int count() {
              return 2;
            }

            @Override
            public String name(int gate) {
              return "half " + gate;
            }

            @Override
            public float[] start(ScoringContext same) {
              return new float[] {1, 2};
            }

            @Override
            public BitSet select(float[] magnitudes) {
              BitSet open = new BitSet();
              open.set(magnitudes[0] > magnitudes[1] ? 0 : 1);
              return open;
            }

            @Override
            public MaskSet masks(BitSet open) {
              return MaskSet.of(
                  layout,
                  i -> Mask.of(layout.shape(i), at -> open.get(at < layout.size(i) / 2 ? 0 : 1)));
            }

            @Override
            public void add(
                int tensor, int from, float[] products, int n, BitSet open, double[] sums) {
              for (int i = 0; i < n; i++) {
                sums[from + i < layout.size(tensor) / 2 ? 0 : 1] += products[i];
              }
            }
          };
      return seen.apply(gates);
    }

    @Override
    public String describe() {
      return "halves";
    }
  }

  /** The pixel in the corner. */
  private static final class Still implements Region {
    @Override
    public int storedPixels() {
      return 1;
    }

    @Override
    public boolean[] mask() {
      boolean[] mask = new boolean[SmallRuns.input().height() * SmallRuns.input().width()];
      mask[0] = true;
      return mask;
    }

    @Override
    public NDArray picture(NDArray values, boolean training, long batch) {
      int height = SmallRuns.input().height();
      int width = SmallRuns.input().width();
      NDArray rest = values.getManager().zeros(new Shape(3, (long) height * width - 1));
      return values.reshape(3, 1).concat(rest, 1).reshape(3, height, width);
    }
  }

  @Test
  void regionWithoutAPicture_isNamed() {
    Region none = Altered.without(Region.class, "picture", new Still());
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualPrompt prompt =
          Prompts.of("own", Map.of(), canvas -> none)
              .create(manager, SmallRuns.input(), new Random(7));
      assertThat(catchThrowable(prompt::picture))
          .isInstanceOf(NullPointerException.class)
          .hasMessageStartingWith("argument missing: own(), what Region.picture gives; ");
    }
  }

  private static void refused(Recipe recipe, String message) {
    Throwable failure = catchThrowable(() -> fit(recipe));
    assertThat(failure).hasMessageStartingWith(message);
    Untouched.assertForm(failure);
  }

  @Test
  void mappingOfOtherClasses_isRefused() {
    LabelMapping two =
        new LabelMapping() {
          @Override
          public LabelAssignment assign(Context context) {
            return LabelAssignment.of(context.sources(), new int[][] {{0}, {1}});
          }

          @Override
          public String describe() {
            return "two";
          }
        };
    refused(
        of(magnitude()).mapping(two).build(),
        "label mapping of another network or other classes: two; expected 20 outputs and 5 classes,"
            + " found 20 and 2; ");
  }

  @Test
  void promptOfAnotherCanvas_isRefused() {
    PromptFactory real = Prompts.pad(2);
    PromptFactory smaller =
        new PromptFactory() {
          @Override
          public VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
            return real.create(manager, ImageInput.of(3, 16, 16), random);
          }

          @Override
          public String describe() {
            return "smaller";
          }
        };
    refused(
        of(learned(Allocations.global())).prompt(smaller).build(),
        "prompt of another image input: recipe HYDRA + prompt, what PromptFactory.create gives; ");
  }

  @Test
  void augmentationThatLosesImages_isRefused() {
    Augmentation half =
        new Augmentation() {
          @Override
          public NDArray apply(NDArray images, RandomGenerator random) {
            return images.get("0:1");
          }

          @Override
          public String describe() {
            return "first";
          }
        };
    refused(
        of(magnitude()).augmentation(half).build(),
        "augmentation gives other images: stage 'tune', first; expected one for each of (16, ");
  }

  /** A provider of nothing. */
  public static final class Nothing implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return null;
    }
  }

  /** A provider whose pruner is not made. */
  public static final class Unmade implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return Map.of("unmade", () -> null);
    }
  }

  @Test
  void providerOfNothing_isNamed() throws Exception {
    assertMissing(
        Nothing.class,
        NamedPruners::load,
        Nothing.class.getName() + ", what PrunerProvider.pruners");
    assertMissing(
        Unmade.class, () -> NamedPruners.load().get("unmade"), "'unmade', what its provider gives");
  }

  private static void assertMissing(
      Class<? extends PrunerProvider> provider, ThrowingCallable call, String told)
      throws Exception {
    Throwable failure = Providers.with(() -> catchThrowable(call), PrunerProvider.class, provider);
    assertThat(failure)
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith("argument missing: " + told);
  }
}
