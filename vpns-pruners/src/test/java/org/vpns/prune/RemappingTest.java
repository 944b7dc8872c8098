package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Sparsity;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.report.EpochRecord;
import org.vpns.schedule.Rounds;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** When a mapping that is made again is made: its intervals are of the run's epochs. */
final class RemappingTest {
  /** What happened, one word each. */
  private static List<String> events(Pruner pruner, int interval) {
    List<String> events = new ArrayList<>();
    LabelMapping iterative = Mappings.iterative(interval);
    LabelMapping told =
        new LabelMapping() {
          @Override
          public LabelAssignment assign(Context context) {
            events.add("map");
            return iterative.assign(context);
          }

          @Override
          public int refreshEpochs() {
            return iterative.refreshEpochs();
          }

          @Override
          public String describe() {
            return iterative.describe();
          }
        };
    RunListener listener =
        new RunListener() {
          @Override
          public void stageStarted(StageStart stage) {
            events.add("stage");
          }

          @Override
          public void epochFinished(String stage, EpochRecord epoch) {
            events.add("epoch");
          }
        };
    Recipe recipe =
        Recipe.of(pruner, Sparsity.of("0.8"))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .mapping(told)
            .build();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe).listener(listener).fit(model, SmallRuns.splits(manager))) {
      assertThat(pruned.mapping().targets()).isPositive();
    }
    return events;
  }

  private static Pruner hydra(Length finding, Length tuning) {
    return Pruners.hydra().lengths(finding, tuning);
  }

  @Test
  void everyEpoch_beginsWithTheMapping_thoseOfTuningToo() {
    Length two = Length.epochs(2);
    assertThat(events(hydra(two, two), 1))
        .containsExactly(
            "map", "stage", "epoch", "map", "epoch", "map", "stage", "epoch", "map", "epoch");
  }

  @Test
  void everyRoundOfOneEpoch_beginsWithTheMapping() {
    Length one = Length.epochs(1);
    // Halved each time, to 0.5, 0.75 and 0.8: three rounds, then tuning.
    Rounds halves = new Rounds(Sparsity.of("0.5"));
    assertThat(events(Pruners.lottery().rounds(halves).lengths(one, one), 1))
        .containsExactly(
            "map", "stage", "epoch", "map", "stage", "epoch", "map", "stage", "epoch", "map",
            "stage", "epoch");
  }

  @Test
  void intervals_goOnOverStages() {
    // Epochs 0 and 1 find the mask, 2 to 5 tune: intervals of three begin with 0 and 3.
    assertThat(events(hydra(Length.epochs(2), Length.epochs(4)), 3))
        .containsExactly(
            "map", "stage", "epoch", "epoch", "stage", "epoch", "map", "epoch", "epoch", "epoch");
    // Of two: with 0, with 2, which is the first of tuning, and with 4.
    assertThat(events(hydra(Length.epochs(2), Length.epochs(4)), 2))
        .containsExactly(
            "map", "stage", "epoch", "epoch", "map", "stage", "epoch", "epoch", "map", "epoch",
            "epoch");
  }

  @Test
  void cutEpoch_countsAsOne() {
    // 40 images in batches of 16 are three iterations; four are an epoch and the start of another.
    Length four = Length.iterations(4);
    assertThat(events(hydra(four, four), 2))
        .containsExactly("map", "stage", "epoch", "epoch", "map", "stage", "epoch", "epoch");
  }
}
