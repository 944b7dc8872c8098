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
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.testing.Outcome;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** What every pruning method promises, whatever it does. */
final class PrunerContractTest {
  private static final int PRUNABLE = 5272;
  static final int STEPS = 4;

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
