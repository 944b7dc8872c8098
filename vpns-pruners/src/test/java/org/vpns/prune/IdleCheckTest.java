package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.schedule.Schedules;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** What a run does without effect, it tells. */
final class IdleCheckTest {
  private static final UpdateRule PLAIN = UpdateRule.sgd();
  private static final LearningRate STILL = LearningRate.constant(0);
  private static final LearningRate MOVING = LearningRate.constant(0.02);
  private static final String HALF = "sparsity 0.5 (2636 of 5272 weights kept): ";

  @TempDir Path folder;

  /** A run and all that it has to tell. */
  private record Case(String name, Recipe.Builder recipe, List<String> warnings) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, Recipe.Builder recipe, String... warnings) {
    return new Case(
        name, recipe.input(SmallRuns.input()).batchSize(SmallRuns.BATCH), List.of(warnings));
  }

  private static Length three() {
    return Length.iterations(3);
  }

  private static Pruner hydra(LearningRate scores, LearningRate weights) {
    return Pruners.hydra()
        .scores(SmallRuns.ADAM, scores)
        .weights(PLAIN, weights)
        .lengths(three(), three());
  }

  private static Scorer equal() {
    return new Scorer() {
      @Override
      public Scores score(ScoringContext context) {
        float[] values = new float[context.layout().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = i % 2 == 0 ? 0f : -0f;
        }
        return Scores.of(context.layout(), values);
      }

      @Override
      public String describe() {
        return "indifferent";
      }
    };
  }

  private static List<Case> cases() {
    Sparsity half = Sparsity.of("0.5");
    return List.of(
        of("all moves", Recipe.of(hydra(SmallRuns.FINDING, MOVING), half)),
        of(
            "scores without rate",
            Recipe.of(hydra(STILL, MOVING), half),
            "stage 'find mask' at "
                + HALF
                + "the scores were trained, but the mask is the one that they began with"),
        of(
            "weights without rate",
            Recipe.of(hydra(SmallRuns.FINDING, STILL), half),
            "stage 'tune' at " + HALF + "weights were trained, but none moved"),
        of(
            "weights that do not move at first",
            Recipe.of(hydra(SmallRuns.FINDING, LearningRate.cosine(0, 0.02)), half)),
        of(
            "prompt without rate",
            Recipe.of(Pruners.magnitude().weights(PLAIN, MOVING).length(three()), half)
                .prompt(Prompts.pad(4))
                .mount(Mount.everywhere().trained(PLAIN, STILL)),
            "stage 'tune' at "
                + HALF
                + "the prompt was trained, but has the values that it began with"),
        of(
            "prompt that moves",
            Recipe.of(Pruners.magnitude().weights(PLAIN, MOVING).length(three()), half)
                .prompt(Prompts.pad(4))
                .mount(Mount.everywhere().trained(PLAIN, LearningRate.constant(1)))),
        of(
            "others without rate",
            Recipe.of(
                "others",
                half,
                Stage.builder("others")
                    .mask(MaskRule.once(Scorers.magnitude(), Allocations.global(), half))
                    .train(Target.OTHERS, PLAIN, STILL)
                    .pass(Pass.plain())
                    .length(three())
                    .build()),
            "stage 'others' at " + HALF + "weights were trained, but none moved"),
        of(
            "gradual, weights without rate",
            Recipe.of(
                Pruners.gradual()
                    .weights(PLAIN, STILL)
                    .schedule(Schedules.cubic(half, 2, 2))
                    .length(Length.iterations(6)),
                half),
            "stage 'tune' at " + HALF + "weights were trained, but none moved"),
        of(
            "RigL, weights without rate",
            Recipe.of(
                Pruners.rigl().every(1).weights(PLAIN, STILL).length(Length.iterations(6)), half),
            "stage 'tune' at " + HALF + "weights were trained, but none moved"),
        of(
            "SET within one epoch",
            Recipe.of(Pruners.set().weights(PLAIN, MOVING).length(three()), half),
            "stage 'tune' at " + HALF + "the mask was to move, but stayed as it was"),
        of(
            "equal scores",
            Recipe.of(
                new OneShotPruner("equal", equal())
                    .allocation(Allocations.perLayer())
                    .weights(PLAIN, MOVING)
                    .length(three()),
                half),
            "stage 'tune' at "
                + HALF
                + "all scores of indifferent are equal, so position alone decided what stays"),
        of(
            "equal scores, several prunings",
            Recipe.of(
                Pruners.gradual()
                    .scorer(equal())
                    .allocation(Allocations.perLayer())
                    .weights(PLAIN, MOVING)
                    .schedule(Schedules.cubic(half, 2, 2))
                    .length(Length.iterations(6)),
                half),
            "stage 'tune' at sparsity 0.4374 (2966 of 5272 weights kept): all scores of indifferent"
                + " are equal, so position alone decided what stays"),
        of(
            "less than one weight",
            Recipe.of(
                Pruners.magnitude().weights(PLAIN, MOVING).length(three()), Sparsity.of("0.0001")),
            "nothing was removed by stage 'tune': sparsity 0.0001 of 5272 weights is less than"
                + " one"),
        of(
            "sparsity 0",
            Recipe.of(hydra(SmallRuns.FINDING, MOVING), Sparsity.DENSE),
            "nothing was removed by stage 'find mask': sparsity 0 keeps all 5272 weights, so scores"
                + " decide nothing"),
        of("dense on purpose", Recipe.of("dense", Sparsity.DENSE, dense())),
        of(
            "sparsity that no stage knows",
            Recipe.of("dense", half, dense()),
            "nothing was removed: sparsity 0.5 of 5272 weights would be 2636"));
  }

  private static Stage dense() {
    return Stage.builder("tune")
        .train(Target.WEIGHTS, PLAIN, MOVING)
        .pass(Pass.plain())
        .length(three())
        .build();
  }

  private static List<String> warnings(PrunedModel pruned) {
    return pruned.report().warnings().stream()
        .filter(w -> !w.contains("kept weights carry nothing"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void run_tellsWhatHadNoEffect_andNothingElse(Case c) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(c.recipe().build()).fit(model, SmallRuns.splits(manager))) {
      assertThat(warnings(pruned)).containsExactlyElementsOf(c.warnings());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resumedRun_tellsTheSame(Case c) {
    Recipe recipe = c.recipe().build();
    for (int at : new int[] {2, 3}) {
      try (Model model = FixtureRuns.block();
          NDManager manager = NDManager.newBaseManager()) {
        Trainer trainer =
            Trainer.of(recipe).checkpoints(folder.resolve("cut" + at)).checkpointEvery(1);
        assertThat(
                catchThrowable(
                    () -> trainer.listener(new Cut(at)).fit(model, SmallRuns.splits(manager))))
            .hasMessage(Cut.MESSAGE);
        try (PrunedModel pruned = trainer.resume().fit(model, SmallRuns.splits(manager))) {
          assertThat(warnings(pruned)).containsExactlyElementsOf(c.warnings());
        }
      }
    }
  }

  @Test
  void scores_ofWhichOneDiffers_areNotCalledEqual() {
    Scorer byLayer =
        new Scorer() {
          @Override
          public Scores score(ScoringContext context) {
            float[] values = new float[context.layout().size()];
            values[values.length - 1] = 1;
            return Scores.of(context.layout(), values);
          }

          @Override
          public String describe() {
            return "last";
          }
        };
    Pruner pruner =
        new OneShotPruner("last", byLayer)
            .allocation(Allocations.perLayer())
            .weights(PLAIN, MOVING)
            .length(three());
    Case c = of("last", Recipe.of(pruner, Sparsity.of("0.5")));
    run_tellsWhatHadNoEffect_andNothingElse(c);
  }

  /**
   * What rounds to integers, as quantised layers do, hands no gradient back: only decay is left.
   */
  @Test
  void weights_thatNoGradientComesTo_areTold() {
    Case c =
        of(
            "decay",
            Recipe.of(
                Pruners.magnitude().weights(SmallRuns.SGD, MOVING).length(three()),
                Sparsity.of("0.5")));
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      model.setBlock(
          new SequentialBlock()
              .add(model.getBlock())
              .add(new LambdaBlock(list -> new NDList(list.head().round()))));
      try (PrunedModel pruned =
          Trainer.of(c.recipe().build()).fit(model, SmallRuns.splits(manager))) {
        assertThat(warnings(pruned))
            .containsExactly(
                "stage 'tune' at "
                    + HALF
                    + "weights were trained, but no gradient came to them: something between them"
                    + " and the loss, as a quantised layer, hands none back");
      }
    }
  }
}
