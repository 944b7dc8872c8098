package org.vpns.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.vpns.Schedule;
import org.vpns.Sparsity;

class SchedulesLawsTest {
  /** All curves, between two sparsities of at most 0.999. */
  @Provide
  Arbitrary<GradualSchedule> schedules() {
    return Combinators.combine(
            Arbitraries.of(Rise.values()),
            Arbitraries.integers().between(0, 999),
            Arbitraries.integers().between(0, 999),
            Arbitraries.integers().between(1, 40),
            Arbitraries.integers().between(1, 12),
            Arbitraries.integers().between(0, 30))
        .as(
            (curve, a, b, times, every, start) ->
                new GradualSchedule(curve, Sparsity.of(Math.max(a, b) / 1000.0), times, every)
                    .from(Sparsity.of(Math.min(a, b) / 1000.0))
                    .startingAt(start))
        .withoutEdgeCases();
  }

  @Property
  void schedule_risesFromItsFirstToItsLast_andOnlyAtPruningSteps(
      @ForAll("schedules") Schedule schedule) {
    Sparsity before = schedule.at(0);
    for (long t = 1; t <= schedule.end() + 20; t++) {
      Sparsity now = schedule.at(t);
      assertThat(now).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(schedule.last());
      if (!schedule.isPruningStep(t)) {
        assertThat(now).isEqualTo(before);
      }
      before = now;
    }
    assertThat(schedule.at(schedule.end())).isEqualTo(schedule.last());
    assertThat(schedule.isPruningStep(schedule.end())).isTrue();
    assertThat(schedule.isPruningStep(schedule.end() + 1)).isFalse();
  }

  /** From 0, rounds of rate p are the exponential schedule that ends where they end. */
  @Property
  void rounds_areAnExponentialSchedule(
      @ForAll @IntRange(min = 1, max = 50) int percent,
      @ForAll @IntRange(min = 1, max = 20) int rounds) {
    Rounds chain = new Rounds(Sparsity.of(percent / 100.0));
    Sparsity last = chain.after(rounds);
    Schedule exponential = Schedules.exponential(last, rounds, 1);
    for (int r = 0; r <= rounds; r++) {
      // densities of at least 0.5^20 lose 1e-10 of themselves in 1 - s; the rounding adds 5e-13
      assertThat(exponential.at(r).doubleValue())
          .isCloseTo(chain.after(r).doubleValue(), within(2e-10));
    }
  }

  /** R(s) is the first round that reaches s. */
  @Property
  void until_isTheFirstRoundThatReachesTheTarget(
      @ForAll @IntRange(min = 1, max = 95) int percent,
      @ForAll @IntRange(min = 0, max = 9999) int target) {
    Rounds rounds = new Rounds(Sparsity.of(percent / 100.0));
    Sparsity sparsity = Sparsity.of(target / 10000.0);
    int last = rounds.until(sparsity);
    assertThat(rounds.after(last)).isGreaterThanOrEqualTo(sparsity);
    if (last > 0) {
      assertThat(rounds.after(last - 1)).isLessThan(sparsity);
    }
    assertThat(rounds.until(rounds.after(Math.min(last, 30)))).isEqualTo(Math.min(last, 30));
  }
}
