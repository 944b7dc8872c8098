package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Schedule;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.predict.PrunedModel;
import org.vpns.report.StageRecord;
import org.vpns.schedule.Schedules;
import org.vpns.score.Scorers;
import org.vpns.testing.Outcome;
import org.vpns.train.Length;
import org.vpns.train.MovingMask.Movement;
import org.vpns.train.MovingMask.Span;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Schedules within stages. */
final class GradualMaskTest {
  private static final Sparsity TARGET = Sparsity.of("0.9");

  @ParameterizedTest
  @CsvSource({
    // steps, last pruning
    "1, 0",
    "2, 1",
    "4, 3",
    "100, 75",
    "1000, 744",
    "10000, 7500",
    "12345, 9207"
  })
  void usualSchedule_endsWithThreeQuartersOfTheSteps(long steps, long end) {
    Schedule schedule = GradualMask.usual(TARGET, steps);
    assertThat(schedule.end()).isEqualTo(end);
    assertThat(schedule.at(end)).isEqualTo(TARGET);
    schedule.requireEndsWithin(steps);
    long prunings = 0;
    for (long step = 0; step < steps; step++) {
      prunings += schedule.isPruningStep(step) ? 1 : 0;
    }
    assertThat(prunings).isLessThanOrEqualTo(151);
  }

  private static Movement movement(Schedule schedule, long steps) {
    MaskSet ones = MaskSet.of(Map.of("w", Mask.ones(new Shape(4))));
    return new GradualMask(Scorers.magnitude(), Allocations.global(), schedule, TARGET, false)
        .movement(new Span(steps, 5), ones);
  }

  @Test
  void movement_isSettledOnceItsLastPruningIsTrainedWith() {
    Movement movement = movement(Schedules.cubic(TARGET, 3, 2), 20);
    assertThat(movement.isSettled(6)).isFalse();
    assertThat(movement.isSettled(7)).isTrue();
    assertThat(movement.warning()).isNull();
  }

  @Test
  void movement_thatLeavesHardlyAnySteps_warns() {
    assertThat(movement(Schedules.cubic(TARGET, 3, 6), 19).warning())
        .startsWith("fewer than a tenth of the steps follow the last pruning: cubic");
  }

  /** Epochs of three steps; the best among those before step 7 would not be sparse enough. */
  @Test
  void bestEpoch_isOneOfTheFinalSparsity() {
    Pruner gmp =
        Pruners.gradual()
            .schedule(Schedules.cubic(TARGET, 3, 2))
            .weights(SmallRuns.SGD, SmallRuns.TUNING)
            .length(Length.epochs(4));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned =
            Trainer.of(recipe(gmp))
                .fit(
                    model,
                    SmallRuns.splits(manager).validation(SmallRuns.dataset(manager, 64, 90)))) {
      List<StageRecord> stages = pruned.report().stages();
      assertThat(stages.get(0).bestEpoch()).isIn(2, 3);
      assertThat(pruned.masks().kept()).isEqualTo(528);
    }
  }

  private static Recipe recipe(Pruner pruner) {
    return Recipe.of(pruner, TARGET).input(SmallRuns.input()).batchSize(SmallRuns.BATCH).build();
  }

  @Test
  void schedule_ofAnotherSparsity_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> recipe(Pruners.gradual().schedule(Schedules.cubic(Sparsity.of("0.8"), 6, 2))))
        .withMessageStartingWith("schedule reaches another sparsity: cubic 0 to 0.8, 6 times")
        .withMessageContaining("expected 0.9, found 0.8");
  }

  @Test
  void schedulesAndIntervals_longerThanTheStage_areRefused_andLeaveTheModelAlone() {
    Length length = Length.iterations(12);
    List<Pruner> methods =
        List.of(
            Pruners.gradual().schedule(Schedules.cubic(TARGET, 6, 2)).length(length),
            Pruners.rigl().every(9).length(length),
            Pruners.itop().every(9).length(length));
    List<String> messages =
        List.of(
            "schedule longer than training: ",
            "mask would never move: ",
            "mask would never move: ");
    for (int i = 0; i < methods.size(); i++) {
      Recipe recipe = recipe(methods.get(i));
      try (NDManager manager = NDManager.newBaseManager();
          Model model = FixtureRuns.block()) {
        Outcome.logits(model);
        Untouched before = Untouched.of(model);
        Throwable failure =
            catchThrowable(() -> Trainer.of(recipe).fit(model, SmallRuns.splits(manager)));
        assertThat(failure)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(messages.get(i));
        Untouched.assertForm(failure);
        before.assertStill(model);
      }
    }
  }
}
