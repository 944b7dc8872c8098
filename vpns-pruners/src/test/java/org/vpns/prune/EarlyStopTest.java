package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/** Stages that end before their length: for want of patience, or because a listener says so. */
final class EarlyStopTest {
  private static final Sparsity HALF = Sparsity.of("0.5");
  private static final int EPOCHS = 7;

  private static Recipe.Builder recipe(Pruner pruner) {
    return Recipe.of(pruner, HALF).input(SmallRuns.input()).batchSize(SmallRuns.BATCH);
  }

  private static Recipe.Builder tuned() {
    return recipe(Pruners.magnitude()).epochs(EPOCHS);
  }

  private static ImageSets splits(NDManager manager) {
    return SmallRuns.splits(manager).validation(SmallRuns.dataset(manager, 64, 90));
  }

  private record Ended(Outcome outcome, PruneReport report) {
    StageRecord last() {
      return report.stages().get(report.stages().size() - 1);
    }
  }

  private static Ended run(Trainer trainer) throws Exception {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned = trainer.fit(model, splits(manager))) {
      return new Ended(Outcome.of(pruned), pruned.report());
    }
  }

  /** Asks to stop after so many steps, and from then on. */
  private static RunListener stopAfter(int steps) {
    int[] done = new int[1];
    return new RunListener() {
      @Override
      public void stepFinished(Step step) {
        done[0]++;
      }

      @Override
      public boolean isStopRequested() {
        return done[0] >= steps;
      }
    };
  }

  /** The number of epochs after which nothing has got better for so many; all, if it always did. */
  private static int expectedEpochs(List<EpochRecord> full, int patience) {
    int best = 0;
    for (int i = 0; i < full.size(); i++) {
      if (full.get(i).validation() > full.get(best).validation()) {
        best = i;
      }
      if (i - best >= patience) {
        return i + 1;
      }
    }
    return full.size();
  }

  @Test
  void patience_endsWhereTheFullRunHadNotGotBetter() throws Exception {
    List<EpochRecord> full = run(Trainer.of(tuned().build())).last().epochs();
    assertThat(full).hasSize(EPOCHS);
    List<Integer> lengths = new ArrayList<>();
    for (int patience = 1; patience <= 3; patience++) {
      StageRecord stopped = run(Trainer.of(tuned().patience(patience).build())).last();
      int expected = expectedEpochs(full, patience);
      assertThat(stopped.epochs()).isEqualTo(full.subList(0, expected));
      assertThat(stopped.bestEpoch()).isLessThan(expected);
      lengths.add(expected);
    }
    assertThat(lengths).as("at least one of them ends early").anyMatch(n -> n < EPOCHS);
  }

  /** Nothing moves, so the first epoch stays the best: two more, whatever the length. */
  @Test
  void patience_whereNothingMoves_endsAfterAsManyEpochsMore() throws Exception {
    Stage.Motion still = new Stage.Motion(UpdateRule.sgd(), LearningRate.constant(1e-20));
    Stage stage = Stage.tuning(still, Length.epochs(EPOCHS)).freezeStatistics().patience(2).build();
    Recipe idle = recipe(Pruners.magnitude()).build();
    List<Stage> stages = new ArrayList<>(idle.stages());
    stages.set(
        stages.size() - 1, stage.toBuilder().mask(stages.get(stages.size() - 1).mask()).build());
    Ended ended = run(Trainer.of(recipe(Pruners.magnitude()).stages(stages).build()));
    assertThat(ended.last().epochs()).hasSize(3);
    assertThat(ended.last().bestEpoch()).isZero();
  }

  @Test
  void patience_cutAndResumed_endsAtTheSameEpochWithTheSameBits(@TempDir Path folder)
      throws Exception {
    Recipe recipe = tuned().patience(1).build();
    Cut never = new Cut(0);
    Ended expected = run(Trainer.of(recipe).listener(never));
    for (int every : new int[] {0, 3}) {
      for (int at : new int[] {never.calls() / 2, never.calls() - 2, never.calls()}) {
        Path place = folder.resolve(every + "-" + at);
        Trainer trainer = Trainer.of(recipe).checkpoints(place).resume();
        Trainer kept = every == 0 ? trainer : trainer.checkpointEvery(every);
        assertThatThrownBy(() -> run(kept.listener(new Cut(at)))).hasMessage(Cut.MESSAGE);
        assertThat(run(kept).outcome()).isEqualTo(expected.outcome());
      }
    }
  }

  @Test
  void patience_withoutValidation_isRefusedBeforeTheFirstStep() throws Exception {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      Trainer trainer = Trainer.of(tuned().patience(2).build());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.fit(model, SmallRuns.splits(manager)))
          .withMessageStartingWith("patience without validation images: stage '")
          .withMessageEndingWith(
              "expected a validation split, by which epochs are compared, found none; give one with"
                  + " ImageSets.validation, or leave out patience.");
    }
  }

  @Test
  void patience_ofNoEpoch_orWithoutTheBest_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tuned().patience(0).build())
        .withMessageContaining("expected at least 1 epoch, found 0");
    Stage stage = tuned().patience(2).build().stages().get(0);
    assertThatIllegalStateException()
        .isThrownBy(() -> stage.toBuilder().keepLast().build())
        .withMessageContaining("patience 2 with keepLast");
    assertThat(stage.describe()).contains("; patience 2");
  }

  /** In the middle of the third epoch: what was best until then, whole, with its mask. */
  @Test
  void stop_inTuning_keepsTheBestSoFar() throws Exception {
    List<EpochRecord> full = run(Trainer.of(tuned().build())).last().epochs();
    int perEpoch = Math.toIntExact(full.get(0).gradientSteps());
    int steps = 2 * perEpoch + 1;
    Ended ended = run(Trainer.of(tuned().build()).listener(stopAfter(steps)));
    assertThat(ended.last().gradientSteps()).isEqualTo(steps);
    List<EpochRecord> epochs = ended.last().epochs();
    assertThat(epochs).hasSize(3);
    assertThat(epochs.subList(0, 2)).isEqualTo(full.subList(0, 2));
    int best = 0;
    for (int i = 1; i < epochs.size(); i++) {
      best = epochs.get(i).validation() > epochs.get(best).validation() ? i : best;
    }
    assertThat(ended.last().bestEpoch()).isEqualTo(best);
    assertThat(ended.report().warnings())
        .containsExactly(
            "stopped by a listener in stage '"
                + ended.last().name()
                + "' after step "
                + steps
                + " of "
                + EPOCHS * perEpoch
                + ", and ends with what it had reached");
    assertThatIllegalStateException()
        .isThrownBy(() -> ended.report().requireRunOf(Map.of(), Path.of("r.json")))
        .withMessageStartingWith("report of a run that was stopped: r.json; ");
  }

  @Test
  void stop_whileAMaskIsLearned_givesAMaskOfTheSparsity() throws Exception {
    for (Pruner pruner : List.of(Pruners.hydra(), Pruners.gradual(), Pruners.lottery())) {
      Ended ended = run(Trainer.of(recipe(pruner).build()).listener(stopAfter(2)));
      assertThat(ended.report().kept()).isEqualTo(HALF.keep(ended.report().prunable()));
      assertThat(ended.report().warnings()).anyMatch(w -> w.startsWith("stopped by a listener"));
    }
  }

  @Test
  void stop_thenResumed_isARunThatWasNeverStopped(@TempDir Path folder) throws Exception {
    Recipe recipe = recipe(Pruners.hydra()).epochs(2, 2).build();
    Ended expected = run(Trainer.of(recipe));
    Trainer kept = Trainer.of(recipe).checkpoints(folder).checkpointEvery(2).resume();
    Ended stopped = run(kept.listener(stopAfter(5)));
    assertThat(stopped.outcome()).isNotEqualTo(expected.outcome());
    assertThat(run(kept).outcome()).isEqualTo(expected.outcome());
  }
}
