package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.NetworkMode;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringNetwork;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Cost;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.schedule.Rounds;
import org.vpns.schedule.Schedules;
import org.vpns.score.Scorers;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Distillation;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** What runs counted, against the formulae of what methods cost. */
final class CostTest {
  /** Iterations of a stage: an epoch of 16, 16 and 8 images, and 16 of the next. */
  private static final long STEPS = PrunerContractTest.STEPS;

  private static final long SHOWN = 40 + 16;

  @TempDir Path folder;

  private static PruneReport run(Model model, Trainer trainer) {
    try (NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = trainer.fit(model, SmallRuns.splits(manager))) {
      return pruned.report();
    }
  }

  private static PruneReport run(Trainer trainer) {
    try (Model model = FixtureRuns.block()) {
      return run(model, trainer);
    }
  }

  /** 10 images of each class, or all there are. */
  private static long scored() {
    long[] found = new long[TinyResNet.TARGET_CLASSES];
    long seen = 0;
    for (int b = 0; seen < SmallRuns.IMAGES; b++) {
      for (long label : TinyResNet.labels(b)) {
        found[(int) label] += seen++ < SmallRuns.IMAGES ? 1 : 0;
      }
    }
    long taken = 0;
    for (long images : found) {
      taken += Math.min(10, images);
    }
    return taken;
  }

  /** b: batches of at most 16 that these images fill. */
  private static long batches() {
    return (scored() + SmallRuns.BATCH - 1) / SmallRuns.BATCH;
  }

  private static Cost timeless(Cost cost) {
    return new Cost(cost.forwards(), cost.backwards(), cost.doubleBackwards(), cost.images(), 0);
  }

  private static Cost steps(long number, long images) {
    return new Cost(number, number, 0, images, 0);
  }

  /** b gradients in each round. */
  private static Cost gradients(long rounds) {
    return steps(rounds * batches(), rounds * scored());
  }

  private static Cost scoring(Method method) {
    return switch (method) {
      case SNIP -> gradients(1);
      case SNIP_IN_ROUNDS -> gradients(3);
      // the gradient, and the gradient again that is derived once more
      case GRASP -> new Cost(2 * batches(), 2 * batches(), batches(), 2 * scored(), 0);
      // a gradient per round, on one image of ones
      case SYNFLOW -> steps(10, 10);
      default -> Cost.NONE;
    };
  }

  /** At 0.8: rounds of 0.2 end at 0.2, 0.36, 0.488 .. 0.832, the eighth; of 0.6 at 0.6 and 0.84. */
  private static Cost training(Method method) {
    return switch (method) {
      case HYDRA, VPNS -> steps(2 * STEPS, 2 * SHOWN);
      case VPNS_ALTERNATING, VPNS_PAPER_COMPAT -> steps(4 * STEPS, 4 * SHOWN);
      case BIP, BIP_RELEASED -> steps(2 * STEPS, 2 * SHOWN);
      case LOTTERY -> steps((8 + 1) * STEPS, (8 + 1) * SHOWN);
      // rewound to step 2 of the first round: the last two steps, 8 + 16 images
      case LOTTERY_WITH_PROMPT -> steps(STEPS + 2 * 2, SHOWN + 2 * 24);
      default -> steps(STEPS, SHOWN);
    };
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void counters_ofEveryMethod_areThoseOfItsFormula(Method method) {
    Recipe recipe = method.recipe("0.8").build();
    PruneReport report = run(Trainer.of(recipe));
    assertThat(timeless(report.training())).isEqualTo(training(method));
    assertThat(timeless(report.scoring())).isEqualTo(scoring(method));
    assertThat(timeless(report.cost())).isEqualTo(training(method).plus(scoring(method)));
    // what was planned is what training took
    assertThat(report.training().gradientSteps())
        .isEqualTo(report.gradientSteps())
        .isEqualTo(recipe.gradientSteps(SmallRuns.IMAGES));
    assertThat(report.epochs()).isEqualTo((double) report.training().images() / SmallRuns.IMAGES);
    assertThat(report.stages().get(0).scoring().seconds()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"SNIP", "GRASP"})
  void counters_throughTorchScript_areTheSame(Method method) throws Exception {
    try (Model model = FixtureRuns.script(folder)) {
      PruneReport report = run(model, Trainer.of(method.recipe("0.8").build()));
      assertThat(timeless(report.scoring())).isEqualTo(scoring(method));
      assertThat(timeless(report.training())).isEqualTo(training(method));
    }
  }

  /** The stage's scores are taken before the cut; what is counted again must not be added. */
  @ParameterizedTest
  @EnumSource(names = {"SNIP_IN_ROUNDS", "GRASP", "SYNFLOW", "RIGL", "BIP", "LOTTERY"})
  void counters_ofACutAndResumedRun_areThoseOfAWholeOne(Method method) {
    Trainer trainer =
        Trainer.of(method.recipe("0.8").build()).checkpoints(folder).checkpointEvery(1).resume();
    assertThatThrownBy(() -> run(trainer.listener(new Cut(5)))).hasMessage(Cut.MESSAGE);
    PruneReport report = run(trainer);
    assertThat(timeless(report.training())).isEqualTo(training(method));
    assertThat(timeless(report.scoring())).isEqualTo(scoring(method));
  }

  /** Sparsities 0, 0.3 and 0.6 before steps 0, 1 and 2. */
  @Test
  void counters_ofScoresInsideASchedule_countEveryMoveOfTheMask() {
    GradualPruner gradual =
        Pruners.gradual()
            .scorer(Scorers.snip())
            .schedule(Schedules.linear(Sparsity.of("0.6"), 2, 1))
            .length(Length.iterations(STEPS));
    PruneReport report = run(Trainer.of(recipe(gradual, "0.6")));
    assertThat(timeless(report.scoring())).isEqualTo(gradients(3));
    assertThat(timeless(report.training())).isEqualTo(steps(STEPS, SHOWN));
  }

  private static Recipe recipe(Pruner pruner, String sparsity) {
    return Recipe.of(pruner, Sparsity.of(sparsity))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  /** A report tells what its ticket cost alone; the list costs less. */
  @Test
  void counters_ofTickets_holdTheSharedRoundsInEveryReport() {
    LotteryPruner lottery =
        Pruners.lottery()
            .rounds(new Rounds(Sparsity.of("0.6")))
            .rewind(Rewind.pretrained())
            .lengths(Length.iterations(STEPS), Length.iterations(STEPS));
    long[] taken = {0};
    List<PruneReport> reports;
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      reports =
          LotteryTickets.of(lottery, folder, Sparsity.of("0.9"), Sparsity.of("0.6"))
              .options(recipe -> recipe.input(SmallRuns.input()).batchSize(SmallRuns.BATCH).seed(1))
              .listener(
                  new RunListener() {
                    @Override
                    public void stepFinished(Step step) {
                      taken[0]++;
                    }
                  })
              .run(model, SmallRuns.splits(manager), (target, pruned) -> {});
    }
    // R(0.9) = 3 and R(0.6) = 1 rounds, and tuning
    assertThat(timeless(reports.get(0).cost())).isEqualTo(steps(4 * STEPS, 4 * SHOWN));
    assertThat(timeless(reports.get(1).cost())).isEqualTo(steps(2 * STEPS, 2 * SHOWN));
    // the longest chain once, and a tuning for each target
    assertThat(taken[0]).isEqualTo((3 + 2) * STEPS);
    assertThat(reports.get(0).stages().get(0)).isEqualTo(reports.get(1).stages().get(0));
  }

  @Test
  void counters_withATeacher_haveAForwardPassMorePerStep() {
    Recipe recipe = Method.OMP.recipe("0.8").distil(Distillation.of(0.5, 4)).build();
    PruneReport report = run(Trainer.of(recipe));
    assertThat(timeless(report.training())).isEqualTo(new Cost(2 * STEPS, STEPS, 0, SHOWN, 0));
    assertThat(report.summary()).containsPattern("tune +\\| +4 \\| +8 \\| +56 \\|");
  }

  /** Another author's scorer, which knows nothing of counters. */
  private static final class GradientScorer implements Scorer {
    @Override
    public Scores score(ScoringContext context) {
      ScoringImages images = context.images(ScoringSet.batches(2));
      float[] scores = new float[context.layout().size()];
      try (ScoringNetwork network = context.network(NetworkMode.EVAL)) {
        images.forEach((input, labels) -> network.forward(input).close());
        images.forEach(
            (input, labels) -> {
              try (GradientCollector collector =
                  network.manager().getEngine().newGradientCollector()) {
                collector.backward(network.forward(input).square().sum());
              }
            });
        for (int i = 0; i < network.weights().size(); i++) {
          float[] gradient = network.weights().get(i).getGradient().toFloatArray();
          System.arraycopy(gradient, 0, scores, context.layout().offset(i), gradient.length);
        }
      }
      return Scores.of(context.layout(), scores);
    }

    @Override
    public String describe() {
      return "gradients";
    }
  }

  @Test
  void counters_ofAnUnknownScorer_areTakenWithoutItsHelp() {
    Pruner pruner =
        new OneShotPruner("Gradients", new GradientScorer()).length(Length.iterations(STEPS));
    // two batches shown for their logits alone, and the same for a gradient
    assertThat(timeless(run(Trainer.of(recipe(pruner, "0.8"))).scoring()))
        .isEqualTo(new Cost(4, 2, 0, 32, 0));
  }

  @Test
  void reports_writtenAndRead_keepTheirCounters() {
    PruneReport report = run(Trainer.of(Method.GRASP.recipe("0.8").build()));
    List<StageRecord> stages = PruneReport.fromJson(report.toJson()).stages();
    assertThat(stages).isEqualTo(report.stages());
    assertThat(stages.get(0).scoring().doubleBackwards()).isEqualTo(batches());
  }
}
