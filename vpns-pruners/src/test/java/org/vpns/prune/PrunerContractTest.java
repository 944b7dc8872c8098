package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Mask;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.RunListener;
import org.vpns.report.StageRecord;
import org.vpns.schedule.Rounds;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.Trainer;

/** What every pruning method promises, whatever it does. */
final class PrunerContractTest {
  private static final int PRUNABLE = 5272;
  private static final int STEPS = 4;

  /** The methods, each 4 iterations a stage. */
  private enum Method {
    RANDOM(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.random().weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    RANDOM_ERK(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.layerwiseRandom(Allocations.erk())
            .weights(tuning, SmallRuns.TUNING)
            .length(LENGTH);
      }
    },
    OMP_RATIO(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.magnitude()
            .randomPositions()
            .weights(tuning, SmallRuns.TUNING)
            .length(LENGTH);
      }
    },
    BERNOULLI(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.bernoulli().weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    OMP(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.magnitude().weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    SNIP(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return scored(Pruners.snip(), tuning);
      }
    },
    SNIP_IN_ROUNDS(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return scored(Pruners.snip().rounds(3), tuning);
      }
    },
    GRASP(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return scored(Pruners.grasp(), tuning);
      }
    },
    SYNFLOW(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return scored(Pruners.synFlow().rounds(10), tuning);
      }
    },
    HYDRA(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.hydra()
            .scores(SmallRuns.ADAM, SmallRuns.FINDING)
            .weights(tuning, SmallRuns.TUNING)
            .lengths(LENGTH, LENGTH);
      }
    },
    VPNS(1) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return vpns(tuning);
      }
    },
    VPNS_ALTERNATING(2) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return vpns(tuning).alternating();
      }
    },
    VPNS_PAPER_COMPAT(2) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return vpns(tuning).paperCompat();
      }
    },
    LOTTERY(1, Zeros.MORE_AND_MORE) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.lottery().weights(tuning, SmallRuns.TUNING).lengths(LENGTH, LENGTH);
      }
    },
    LOTTERY_WITH_PROMPT(1, Zeros.MORE_AND_MORE) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.lottery()
            .rounds(new Rounds(Sparsity.of("0.6")))
            .rewind(Rewind.early(2).withPrompt())
            .weights(tuning, SmallRuns.TUNING)
            .prompt(SmallRuns.SGD, SmallRuns.TUNING)
            .lengths(LENGTH, LENGTH);
      }
    },
    GRADUAL(1, Zeros.MORE_AND_MORE) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.gradual().weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    GRADUAL_PAPER(1, Zeros.MORE_AND_MORE) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        // Global in place of per layer, which rounds each layer's count on its own.
        return Pruners.gradual()
            .paper()
            .allocation(Allocations.global())
            .weights(tuning, SmallRuns.TUNING)
            .length(LENGTH);
      }
    },
    SET(1, Zeros.SOME_KEPT_TOO) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.set().weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    RIGL(1, Zeros.SOME_KEPT_TOO) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.rigl().every(1).weights(tuning, SmallRuns.TUNING).length(LENGTH);
      }
    },
    ITOP(1, Zeros.SOME_KEPT_TOO) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.itop()
            .growth(Growth.RANDOM)
            .every(1)
            .weights(tuning, SmallRuns.TUNING)
            .length(LENGTH);
      }
    },
    BIP(2) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.bip()
            .scores(SmallRuns.ADAM, SmallRuns.FINDING)
            .trainOthers(tuning, SmallRuns.TUNING)
            .length(LENGTH);
      }
    },
    BIP_RELEASED(2) {
      @Override
      Pruner pruner(UpdateRule tuning) {
        return Pruners.bip().released().disjointBatches().length(LENGTH);
      }
    };

    /** Where zeros are in the network while it is trained. */
    private enum Zeros {
      /** Exactly where the result's mask removes. */
      OF_THE_MASK,
      /** Ever more of them, in the end as before. */
      MORE_AND_MORE,
      /** Grown weights begin at zero, and those of unused outputs stay there. */
      SOME_KEPT_TOO
    }

    private static final Length LENGTH = Length.iterations(STEPS);
    final int passes;
    final Zeros zeros;

    Method(int passes) {
      this(passes, Zeros.OF_THE_MASK);
    }

    Method(int passes, Zeros zeros) {
      this.passes = passes;
      this.zeros = zeros;
    }

    abstract Pruner pruner(UpdateRule tuning);

    private static Pruner scored(IterativePruner pruner, UpdateRule tuning) {
      return pruner.weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }

    boolean hasPrompt() {
      return pruner(SmallRuns.SGD).usesPrompt();
    }

    private static VpnsPruner vpns(UpdateRule tuning) {
      return Pruners.vpns()
          .scores(SmallRuns.ADAM, SmallRuns.FINDING)
          .promptInFinding(SmallRuns.ADAM, SmallRuns.FINDING)
          .weights(tuning, SmallRuns.TUNING)
          .promptInTuning(SmallRuns.SGD, SmallRuns.TUNING)
          .lengths(LENGTH, LENGTH);
    }

    Recipe.Builder recipe(String sparsity) {
      return recipe(sparsity, SmallRuns.SGD);
    }

    Recipe.Builder recipe(String sparsity, UpdateRule tuning) {
      Recipe.Builder builder =
          Recipe.of(pruner(tuning), Sparsity.of(sparsity))
              .input(FixtureRuns.input())
              .batchSize(SmallRuns.BATCH);
      return hasPrompt() ? builder.prompt(Prompts.pad(4)) : builder;
    }
  }

  private static PrunedModel fit(Model model, Trainer trainer) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return trainer.fit(model, SmallRuns.splits(manager));
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void run_keepsTheExactNumber_inMaskWeightsAndReport(Method method) {
    for (String sparsity : new String[] {"0", "0.5", "0.9", "0.999"}) {
      try (Model model = FixtureRuns.block();
          PrunedModel pruned = fit(model, Trainer.of(method.recipe(sparsity).build()))) {
        PruneReport report = pruned.report();
        long kept = pruned.masks().kept();
        if (method != Method.BERNOULLI) {
          assertThat(kept).isEqualTo(Sparsity.of(sparsity).keep(PRUNABLE));
        } else {
          // six standard deviations of a binomial distribution
          double s = Double.parseDouble(sparsity);
          assertThat(Math.abs(kept - PRUNABLE * (1 - s)))
              .isLessThanOrEqualTo(6 * Math.sqrt(PRUNABLE * s * (1 - s)));
        }
        assertRemovedAreZero(method, model, pruned.masks().asMap());
        assertThat(report.prunable()).isEqualTo(PRUNABLE);
        assertThat(report.kept()).isEqualTo(kept);
        assertThat(report.layers().stream().mapToLong(LayerRecord::kept).sum()).isEqualTo(kept);
        assertThat(report.layers().stream().mapToLong(LayerRecord::size).sum()).isEqualTo(PRUNABLE);
        assertThat(report.sparsity()).isEqualTo(sparsity);
        assertStages(method, report.stages(), sparsity);
      }
    }
  }

  /** Four iterations over epochs of 16, 16 and 8 images. */
  private static void assertStages(Method method, List<StageRecord> stages, String sparsity) {
    Recipe recipe = method.recipe(sparsity).build();
    assertThat(stages).hasSameSizeAs(recipe.stages());
    assertThat(stages.stream().mapToLong(StageRecord::gradientSteps).sum())
        .isEqualTo(recipe.gradientSteps(SmallRuns.IMAGES));
    if (method != Method.BERNOULLI) {
      assertThat(stages.get(stages.size() - 1).sparsity())
          .isEqualTo(1 - (double) Sparsity.of(sparsity).keep(PRUNABLE) / PRUNABLE);
    }
    if (method == Method.LOTTERY_WITH_PROMPT) {
      return; // rewound to step 2: shorter rounds
    }
    for (StageRecord stage : stages) {
      assertThat(stage.gradientSteps()).isEqualTo(STEPS * method.passes);
      assertThat(stage.losses()).hasSize(STEPS * method.passes).allMatch(Double::isFinite);
      assertThat(stage.images()).isEqualTo(56L * method.passes);
      assertThat(stage.epochs()).hasSize(2);
      assertThat(stage.epochs().get(0).gradientSteps()).isEqualTo(3 * method.passes);
      assertThat(stage.epochs().get(1).gradientSteps()).isEqualTo(method.passes);
    }
  }

  private static void assertRemovedAreZero(Method method, Model model, Map<String, Mask> masks) {
    long nonZero = 0;
    long kept = 0;
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      Mask mask = masks.get(p.path());
      if (mask == null) {
        continue;
      }
      kept += mask.kept();
      float[] values = p.parameter().getArray().toFloatArray();
      for (int i = 0; i < values.length; i++) {
        if (!mask.isKept(i)) {
          assertThat(Float.floatToRawIntBits(values[i])).isZero();
        }
        nonZero += values[i] == 0 ? 0 : 1;
      }
    }
    if (method.zeros == Method.Zeros.SOME_KEPT_TOO) {
      assertThat(nonZero).isLessThanOrEqualTo(kept);
    } else {
      // no weight of the fixture network is zero, and none becomes it
      assertThat(nonZero).isEqualTo(kept);
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void run_ofTheSameSeed_givesTheSameBits_ofAnotherSeed_others(Method method) {
    Outcome first = outcome(method.recipe("0.8").seed(3).build(), new RunListener() {});
    assertThat(outcome(method.recipe("0.8").seed(3).build(), curious())).isEqualTo(first);
    assertThat(outcome(method.recipe("0.8").seed(4).build(), curious()).parameters())
        .isNotEqualTo(first.parameters());
  }

  /** Hears of every step, and changes nothing by it. */
  private static RunListener curious() {
    return new RunListener() {
      private int calls;

      @Override
      public void stepFinished(Step step) {
        calls++;
      }

      @Override
      public void runFinished(PruneReport report) {
        assertThat(calls).isEqualTo(report.gradientSteps());
      }
    };
  }

  private static Outcome outcome(Recipe recipe, RunListener listener) {
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = fit(model, Trainer.of(recipe).listener(listener))) {
      return Outcome.of(pruned);
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void run_withFilter_leavesOtherParametersDense(Method method) {
    try (Model model = FixtureRuns.block();
        PrunedModel pruned =
            fit(
                model,
                Trainer.of(
                    method
                        .recipe("0.9")
                        .prunable(ParameterFilter.matching("layer2\\..*"))
                        .build()))) {
      int prunable = 1152 + 2304 + 128;
      assertThat(pruned.masks().asMap().keySet())
          .containsExactly(
              "layer2.0.conv1.weight", "layer2.0.conv2.weight", "layer2.0.downsample.0.weight");
      assertThat(pruned.report().prunable()).isEqualTo(prunable);
      if (method != Method.BERNOULLI) {
        assertThat(pruned.masks().kept()).isEqualTo(Sparsity.of("0.9").keep(prunable));
      }
      assertRemovedAreZero(method, model, pruned.masks().asMap());
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        if (p.path().equals("conv1.weight") || p.path().equals("fc.weight")) {
          assertThat(p.parameter().getArray().toFloatArray()).doesNotContain(0f);
        }
      }
    }
  }

  private static Stream<Arguments> methodsAndRules() {
    List<Arguments> all = new ArrayList<>();
    for (Method method : Method.values()) {
      for (UpdateRule rule :
          List.of(
              UpdateRule.sgd().decay(0.1),
              UpdateRule.sgd().momentum(0.9).decay(0.1),
              UpdateRule.adam().decay(0.1),
              UpdateRule.adamW().decay(0.1))) {
        all.add(Arguments.of(method, rule));
      }
    }
    return all.stream();
  }

  /** Through the model's own parameters, at every call of a listener after the first mask. */
  @ParameterizedTest
  @MethodSource("methodsAndRules")
  void weights_atEveryMoment_haveExactlyTheKeptOnesNonZero(Method method, UpdateRule rule) {
    AtomicInteger looks = new AtomicInteger();
    try (Model model = FixtureRuns.block()) {
      List<Long> counts = new ArrayList<>();
      RunListener look =
          new RunListener() {
            @Override
            public void stageStarted(StageStart stage) {
              look();
            }

            @Override
            public void stepFinished(Step step) {
              look();
            }

            @Override
            public void epochFinished(String stage, org.vpns.report.EpochRecord epoch) {
              look();
            }

            private void look() {
              looks.incrementAndGet();
              long nonZero = 0;
              for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
                if (p.path().contains("weight") && p.shape().dimension() > 1) {
                  for (float value : p.parameter().getArray().toFloatArray()) {
                    // -0.0 is not what a removed weight is
                    nonZero += Float.floatToRawIntBits(value) == 0 ? 0 : 1;
                  }
                }
              }
              counts.add(nonZero);
            }
          };
      try (PrunedModel pruned =
          fit(model, Trainer.of(method.recipe("0.8", rule).build()).listener(look))) {
        long kept = pruned.masks().kept();
        switch (method.zeros) {
          case OF_THE_MASK -> assertThat(counts).containsOnly(kept);
          case MORE_AND_MORE ->
              assertThat(counts)
                  .isSortedAccordingTo(Comparator.reverseOrder())
                  .startsWith((long) PRUNABLE)
                  .endsWith(kept);
          default -> assertThat(counts).allMatch(count -> count <= kept);
        }
        long steps = pruned.report().gradientSteps();
        long ends = pruned.report().stages().stream().mapToLong(s -> s.epochs().size()).sum();
        assertThat(counts)
            .hasSize(looks.get())
            .hasSize((int) (pruned.report().stages().size() + steps + ends));
        assertRemovedAreZero(method, model, pruned.masks().asMap());
      }
    }
  }
}
