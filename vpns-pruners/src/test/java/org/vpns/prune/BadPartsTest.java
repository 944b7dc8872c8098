package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.allocate.NOfMAllocation;
import org.vpns.internal.prune.StandardPrunerProvider;
import org.vpns.plugin.NamedPruners;
import org.vpns.plugin.PrunerProvider;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Providers;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/** Scorers, allocations, schedules and pruners by other authors that do not keep their promises. */
final class BadPartsTest {
  private static final Sparsity HALF = Sparsity.of("0.5");
  private static final Length TWO = Length.iterations(2);

  /** A pruner that cannot work; whether its mask is found before any step. */
  private record Case(String name, Pruner pruner, boolean first, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Scorer scorer(String name, Function<ScoringContext, Scores> scores) {
    return new Scorer() {
      @Override
      public Scores score(ScoringContext context) {
        return scores.apply(context);
      }

      @Override
      public String describe() {
        return name;
      }
    };
  }

  private static Scorer numbered(float at300) {
    return scorer(
        "numbered",
        context -> {
          float[] values = new float[context.layout().size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = i;
          }
          values[300] = at300;
          return Scores.of(context.layout(), values);
        });
  }

  private static Scorer ofLayout(UnaryOperator<Map<String, Shape>> change) {
    return scorer(
        "foreign",
        context -> {
          Map<String, Shape> shapes = new LinkedHashMap<>();
          for (int i = 0; i < context.layout().tensors(); i++) {
            shapes.put(context.layout().path(i), context.layout().shape(i));
          }
          Layout layout = Layout.of(change.apply(shapes));
          return Scores.of(layout, new float[layout.size()]);
        });
  }

  private static Map<String, Shape> turned(Map<String, Shape> shapes) {
    shapes.put("fc.weight", new Shape(16, 20));
    return shapes;
  }

  private static Map<String, Shape> headless(Map<String, Shape> shapes) {
    shapes.remove("fc.weight");
    return shapes;
  }

  private static Map<String, Shape> reversed(Map<String, Shape> shapes) {
    Map<String, Shape> result = new LinkedHashMap<>();
    List<String> paths = new ArrayList<>(shapes.keySet());
    for (int i = paths.size() - 1; i >= 0; i--) {
      result.put(paths.get(i), shapes.get(paths.get(i)));
    }
    return result;
  }

  private static Allocation allocation(UnaryOperator<MaskSet> change) {
    return new Allocation() {
      @Override
      public MaskSet allocate(Scores scores, Sparsity sparsity) {
        return change.apply(Allocations.global().allocate(scores, sparsity));
      }

      @Override
      public String describe() {
        return "own";
      }
    };
  }

  private static MaskSet eightMore(MaskSet masks) {
    Map<String, Mask> more = new LinkedHashMap<>(masks.asMap());
    Mask first = masks.get("conv1.weight");
    int[] added = {0};
    more.put("conv1.weight", Mask.of(first.shape(), i -> first.isKept(i) || added[0]++ < 8));
    return MaskSet.of(more);
  }

  private static MaskSet turnedMask(MaskSet masks) {
    Map<String, Mask> other = new LinkedHashMap<>(masks.asMap());
    other.put("fc.weight", Mask.zeros(new Shape(16, 20)));
    return MaskSet.of(other);
  }

  private static Schedule schedule(LongFunction<String> at) {
    return new Schedule() {
      @Override
      public Sparsity at(long step) {
        return Sparsity.of(at.apply(step));
      }

      @Override
      public boolean isPruningStep(long step) {
        return step <= end();
      }

      @Override
      public long end() {
        return 3;
      }

      @Override
      public Sparsity last() {
        return HALF;
      }

      @Override
      public String describe() {
        return "own";
      }
    };
  }

  /** The same part in every kind of stage that takes it. */
  private static void add(
      List<Case> cases, String name, Scorer scorer, Allocation allocation, String message) {
    add(
        cases,
        name + ", one shot",
        new OneShotPruner("own", scorer).allocation(allocation).length(TWO),
        true,
        message);
    add(
        cases,
        name + ", gradual",
        Pruners.gradual().scorer(scorer).allocation(allocation).length(Length.iterations(12)),
        false,
        message);
    MaskRule learned = MaskRule.learned(scorer, allocation, HALF);
    Pruner hydra = Pruners.hydra().lengths(TWO, TWO);
    add(
        cases,
        name + ", learned",
        new Pruner() {
          @Override
          public String name() {
            return "own";
          }

          @Override
          public List<Stage> stages(Sparsity sparsity) {
            return List.of(hydra.stages(sparsity).get(0).toBuilder().mask(learned).build());
          }
        },
        true,
        message);
  }

  private static void add(
      List<Case> cases, String name, Pruner pruner, boolean first, String message) {
    cases.add(new Case(name, pruner, first, message));
  }

  private static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    Allocation global = Allocations.global();
    add(
        cases,
        "NaN",
        numbered(Float.NaN),
        global,
        "score is not a number: layer1.0.conv1.weight[84]; expected a number, found NaN; ");
    add(
        cases,
        "other shape",
        ofLayout(BadPartsTest::turned),
        global,
        "expected fc.weight (20, 16) as parameter 7, found fc.weight (16, 20) as parameter 7; ");
    add(
        cases,
        "fewer parameters",
        ofLayout(BadPartsTest::headless),
        global,
        "expected fc.weight (20, 16) as parameter 7, found 6 parameters; ");
    add(
        cases,
        "other order",
        ofLayout(BadPartsTest::reversed),
        global,
        "expected conv1.weight (8, 3, 3, 3) as parameter 1, found fc.weight (20, 16) as ");
    add(
        cases,
        "eight weights too many",
        numbered(300),
        allocation(BadPartsTest::eightMore),
        "more weights kept than the sparsity allows: own at sparsity 0.");
    add(
        cases,
        "masks of other shapes",
        numbered(300),
        allocation(BadPartsTest::turnedMask),
        "expected fc.weight (20, 16) as parameter 7, found fc.weight (16, 20) as parameter 7; ");
    add(
        cases,
        "axis that 3 does not divide",
        numbered(300),
        Allocations.nOfM(1, 3).trailing(NOfMAllocation.Trailing.ERROR),
        "axis not divisible: layer1.0.conv1.weight (8, 8, 3, 3), 1:3, trailing ERROR; expected a"
            + " multiple of 3, found 8; ");
    for (boolean paper : new boolean[] {false, true}) {
      GradualPruner gradual = paper ? Pruners.gradual().paper() : Pruners.gradual();
      GradualPruner sized = gradual.length(Length.iterations(12));
      add(
          cases,
          "backwards" + (paper ? ", paper" : ""),
          sized.schedule(schedule(step -> List.of("0.1", "0.3", "0.2", "0.5").get((int) step))),
          false,
          "schedule goes backwards: own, step 2; expected a sparsity of at least 0.3, found 0.2; ");
      add(
          cases,
          "other end" + (paper ? ", paper" : ""),
          sized.schedule(schedule(step -> "0.4")),
          false,
          "schedule reaches another sparsity: own, step 3; expected 0.5, found 0.4; ");
    }
    return cases.stream();
  }

  private static void refused(Supplier<Object> action, Model model, String message) {
    Untouched before = Untouched.of(model);
    Throwable failure = catchThrowable(action::get);
    assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    Untouched.assertForm(failure);
    before.assertStill(model);
  }

  private static Recipe recipe(Pruner pruner) {
    return Recipe.of(pruner, HALF).input(SmallRuns.input()).batchSize(SmallRuns.BATCH).build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void part_thatBreaksItsPromise_isNamed_andTheModelIsAsItWas(Case c) {
    Trainer trainer = Trainer.of(recipe(c.pruner()));
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits = SmallRuns.splits(manager);
      refused(() -> trainer.fit(model, splits), model, c.message());
      if (c.first()) {
        refused(() -> trainer.findMask(model, splits), model, c.message());
      }
    }
  }

  @Test
  void scores_ofInfinity_areRanked() {
    for (float infinity : new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Pruner pruner = new OneShotPruner("own", numbered(infinity)).length(TWO);
      try (Model model = FixtureRuns.block();
          NDManager manager = NDManager.newBaseManager();
          PrunedModel pruned = Trainer.of(recipe(pruner)).fit(model, SmallRuns.splits(manager))) {
        assertThat(pruned.masks().kept()).isEqualTo(2636);
        assertThat(pruned.masks().get("layer1.0.conv1.weight").isKept(84)).isEqualTo(infinity > 0);
        assertThat(pruned.masks().get("layer1.0.conv1.weight").kept())
            .isEqualTo(infinity > 0 ? 1 : 0);
      }
    }
  }

  @Test
  void class_withoutImages_isNamed_whenScoresAskForOneOfEach() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits =
          ImageSets.of(
              SmallRuns.dataset(manager, 0, SmallRuns.IMAGES), TinyResNet.TARGET_CLASSES + 1);
      String message =
          "class without images: class 5 of the training images; expected at least 1 image to score"
              + " with, found 0; ";
      for (Pruner pruner : List.of(Pruners.snip().length(TWO), Pruners.grasp().length(TWO))) {
        Trainer trainer = Trainer.of(recipe(pruner));
        refused(() -> trainer.fit(model, splits), model, message);
        refused(() -> trainer.findMask(model, splits), model, message);
      }
    }
  }

  @Test
  void pruner_withoutStages_isRefused() {
    Pruner none =
        new Pruner() {
          @Override
          public String name() {
            return "idle";
          }

          @Override
          public List<Stage> stages(Sparsity sparsity) {
            return List.of();
          }
        };
    assertThatIllegalStateException()
        .isThrownBy(() -> Recipe.of(none, HALF).build())
        .withMessage(
            "recipe without stages: Recipe idle; expected at least 1 stage, found 0; add a stage.");
  }

  /** A second one of this name. */
  public static final class Hydra implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return Map.of("hydra", Pruners::hydra);
    }
  }

  /** A name of another form. */
  public static final class Shouting implements PrunerProvider {
    @Override
    public Map<String, Supplier<Pruner>> pruners() {
      return Map.of("HYDRA", Pruners::hydra);
    }
  }

  @Test
  void providers_ofOneName_orOfAnotherForm_areRefused() throws Exception {
    Throwable two =
        Providers.<PrunerProvider, Throwable>with(
            () -> catchThrowable(NamedPruners::load),
            PrunerProvider.class,
            StandardPrunerProvider.class,
            Hydra.class);
    assertThat(two)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "two pruners of one name: 'hydra'; expected one provider, found"
                + " org.vpns.internal.prune.StandardPrunerProvider and org.vpns.prune.BadPartsTest$Hydra;"
                + " rename one.");
    Throwable form =
        Providers.<PrunerProvider, Throwable>with(
            () -> catchThrowable(NamedPruners::load), PrunerProvider.class, Shouting.class);
    assertThat(form)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("name of a pruner has another form: org.vpns.prune.BadPartsTest$");
  }

  @Test
  void name_thatIsNearlyOne_isAnsweredWithAQuestion() {
    NamedPruners pruners = NamedPruners.load();
    for (String[] typed :
        new String[][] {{"hidra", "hydra"}, {"HYDRA", "hydra"}, {"synflw", "synflow"}}) {
      assertThat(catchThrowable(() -> pruners.get(typed[0])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no pruner of this name: '" + typed[0] + "'; expected one of [")
          .hasMessageContaining("; did you mean '" + typed[1] + "'? otherwise check the spelling");
    }
    assertThat(catchThrowable(() -> pruners.get("something else")))
        .hasMessageNotContainingAny("did you mean");
  }
}
