package org.vpns.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.vpns.Schedule;
import org.vpns.Sparsity;
import org.vpns.testing.Fixtures;

class SchedulesTest {
  private static final Sparsity S90 = Sparsity.of(0.9);

  /** The expected values are written with six decimals. */
  private static final double WRITTEN = 5e-7;

  private static double[] at(Schedule schedule, long every, int count) {
    return LongStream.range(0, count)
        .mapToDouble(k -> schedule.at(k * every).doubleValue())
        .toArray();
  }

  @Test
  void cubic_fromDense_isAsWorked() {
    Schedule cubic = Schedules.cubic(S90, 6, 2);
    assertThat(at(cubic, 2, 7))
        .containsExactly(
            new double[] {0, 0.379167, 0.633333, 0.7875, 0.866667, 0.895833, 0.9}, within(WRITTEN));
    // 0.9 - 0.9 / 8 without a double's rounding
    assertThat(cubic.at(6)).isEqualTo(Sparsity.of("0.7875"));
  }

  @Test
  void cubic_fromHalf_startsLate() {
    Schedule cubic = Schedules.cubic(S90, 4, 100).from(Sparsity.of(0.5)).startingAt(100);
    assertThat(at(cubic, 100, 7))
        .containsExactly(
            new double[] {0.5, 0.5, 0.73125, 0.85, 0.89375, 0.9, 0.9}, within(WRITTEN));
  }

  @Test
  void exponential_removesTheSameFractionOfTheSurvivors() {
    assertThat(at(Schedules.exponential(S90, 5, 1), 1, 6))
        .containsExactly(
            new double[] {0, 0.369043, 0.601893, 0.748811, 0.841511, 0.9}, within(WRITTEN));
    // from 0.5, half of the way in the logarithm of the density: 1 - sqrt(0.5 * 0.1)
    assertThat(Schedules.exponential(S90, 2, 1).from(Sparsity.of(0.5)).at(1).doubleValue())
        .isEqualTo(0.776393, within(WRITTEN));
  }

  /** In doubles 0.9 * 2 / 5 is 0.36000000000000004. */
  @Test
  void linear_isExact() {
    Schedule linear = Schedules.linear(S90, 5, 1);
    String[] expected = {"0", "0.18", "0.36", "0.54", "0.72", "0.9"};
    for (int k = 0; k < expected.length; k++) {
      assertThat(linear.at(k)).isEqualTo(Sparsity.of(expected[k]));
    }
  }

  /** A third of 0.4 has no end as a decimal; of 15 weights it is 2, not 1.99. */
  @Test
  void linear_inThirds_removesWholeCounts() {
    Schedule linear = Schedules.linear(Sparsity.of(0.4), 3, 1);
    assertThat(linear.at(1).prune(15)).isEqualTo(2);
    assertThat(linear.at(2).prune(15)).isEqualTo(4);
    assertThat(Schedules.cubic(Sparsity.of(0.9), 3, 1).at(1).prune(90)).isEqualTo(57); // 19/27
  }

  @Test
  void cosine_isSlowAtBothEnds() {
    // cos(pi / 3) = 1/2: 0.9 (1 - 3/4), 0.9 (1 - 1/4)
    assertThat(at(Schedules.cosine(S90, 3, 1), 1, 4))
        .containsExactly(new double[] {0, 0.225, 0.675, 0.9}, within(1e-12)); // its rounding
  }

  @Test
  void oneShot_jumpsAtItsStep() {
    Schedule oneShot = Schedules.oneShot(S90).startingAt(3);
    assertThat(at(oneShot, 1, 5)).containsExactly(0, 0, 0, 0.9, 0.9);
    assertThat(oneShot.end()).isEqualTo(3);
    assertThat(pruningSteps(oneShot, 10)).containsExactly(3);
    assertThat(pruningSteps(Schedules.oneShot(S90), 10)).containsExactly(0);
  }

  private static long[] pruningSteps(Schedule schedule, long steps) {
    return LongStream.range(0, steps).filter(schedule::isPruningStep).toArray();
  }

  @Test
  void pruningSteps_areTheStepsAtWhichItMoves() {
    assertThat(pruningSteps(Schedules.cubic(S90, 6, 2), 16)).containsExactly(0, 2, 4, 6, 8, 10, 12);
    assertThat(pruningSteps(Schedules.linear(S90, 2, 3).startingAt(4), 20))
        .containsExactly(4, 7, 10);
    // a network that starts sparse is masked before the first step
    assertThat(pruningSteps(Schedules.linear(S90, 2, 3).startingAt(4).from(Sparsity.of(0.1)), 20))
        .containsExactly(0, 4, 7, 10);
  }

  /** Steps, sparsities and counts of the recorded run of gradual magnitude pruning. */
  @Test
  void cubic_ofTheReferenceRun_keepsItsCounts() {
    JsonObject run = Fixtures.baselinesJson().getAsJsonObject("gmp");
    JsonArray sparsities = run.getAsJsonArray("sparsities");
    Schedule cubic = Schedules.cubic(S90, 6, 2);
    for (int i = 0; i < sparsities.size(); i++) {
      long step = sparsities.get(i).getAsJsonArray().get(0).getAsLong();
      assertThat(cubic.at(step).doubleValue())
          // doubles there, decimals here
          .isEqualTo(sparsities.get(i).getAsJsonArray().get(1).getAsDouble(), within(1e-15));
      assertThat(cubic.at(step).keep(5272))
          .isEqualTo(run.getAsJsonArray("kept").get(i).getAsLong());
    }
  }

  @Test
  void end_mustLieWithinTraining() {
    Schedule cubic = Schedules.cubic(S90, 6, 2).startingAt(1);
    assertThat(cubic.end()).isEqualTo(13);
    cubic.requireEndsWithin(14);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cubic.requireEndsWithin(13))
        .withMessage(
            "schedule longer than training: cubic 0 to 0.9, 6 times every 2 steps from 1; expected"
                + " its last pruning before step 13, found step 13; prune less often or train"
                + " longer.");
    assertThat(Schedules.linear(S90, Integer.MAX_VALUE, Long.MAX_VALUE).end())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void leavesLittle_belowATenthOfTheSteps() {
    Schedule schedule = Schedules.oneShot(S90).startingAt(90);
    assertThat(schedule.leavesLittle(100)).isFalse();
    assertThat(schedule.leavesLittle(99)).isTrue();
  }

  @Test
  void schedules_withoutSense_areRefused() {
    refused(
        () -> Schedules.linear(Sparsity.of(0.5), 2, 1).from(S90),
        "schedule goes backwards: linear; expected a first sparsity of at most 0.5, found 0.9;"
            + " removed weights do not return: swap the two.");
    refused(
        () -> Schedules.oneShot(Sparsity.of(1)),
        "sparsity out of range: one shot; expected 0 <= s < 1, found 1; keep some weights to"
            + " train.");
    refused(
        () -> Schedules.cosine(S90, 0, 1),
        "option out of range: cosine, times; expected at least 1, found 0; count steps from 0 and"
            + " prune at least once.");
    refused(
        () -> Schedules.exponential(S90, 1, 0),
        "option out of range: exponential, every; expected at least 1, found 0; count steps from 0"
            + " and prune at least once.");
    refused(
        () -> Schedules.cubic(S90, 1, 1).startingAt(-1),
        "option out of range: cubic, startingAt; expected at least 0, found -1; count steps from 0"
            + " and prune at least once.");
  }

  private static void refused(Supplier<Schedule> make, String message) {
    assertThatIllegalArgumentException().isThrownBy(make::get).withMessage(message);
  }

  @Test
  void schedules_describeThemselves() {
    assertThat(Schedules.oneShot(S90).describe()).isEqualTo("one shot 0 to 0.9 at step 0");
    assertThat(Schedules.cosine(S90, 3, 10).from(Sparsity.of(0.5)).describe())
        .isEqualTo("cosine 0.5 to 0.9, 3 times every 10 steps from 0");
  }
}
