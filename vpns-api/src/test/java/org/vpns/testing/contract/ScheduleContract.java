package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.vpns.Schedule;
import org.vpns.Sparsity;

/**
 * What every {@link Schedule} promises: a sparsity that never falls and moves at pruning steps
 * alone, exactly the last one from the end on, and a refusal of training that ends before.
 */
public abstract class ScheduleContract {
  /** A schedule that ends within 10,000 steps; equal ones every time. */
  protected abstract Schedule schedule();

  @Test
  void sparsity_neverFalls_andMovesAtPruningStepsOnly() {
    Schedule schedule = schedule();
    Sparsity before = schedule.at(0);
    for (long step = 1; step <= schedule.end() + 10; step++) {
      Sparsity now = schedule.at(step);
      assertThat(now.doubleValue()).isGreaterThanOrEqualTo(before.doubleValue());
      if (!schedule.isPruningStep(step)) {
        assertThat(now).as("step " + step).isEqualTo(before);
      }
      before = now;
    }
  }

  @Test
  void sparsity_fromTheEndOn_isExactlyTheLast() {
    Schedule schedule = schedule();
    assertThat(schedule.end()).isBetween(0L, 9_999L);
    assertThat(schedule.isPruningStep(schedule.end())).isTrue();
    assertThat(schedule.at(schedule.end())).isEqualTo(schedule.last());
    assertThat(schedule.at(schedule.end() + 1_000)).isEqualTo(schedule.last());
    assertThat(schedule.isPruningStep(schedule.end() + 1)).isFalse();
  }

  @Test
  void trainingThatEndsBefore_isRefused() {
    Schedule schedule = schedule();
    schedule.requireEndsWithin(schedule.end() + 1);
    assertThatThrownBy(() -> schedule.requireEndsWithin(schedule.end()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(schedule.describe());
  }

  @Test
  void schedule_describesItself() {
    assertThat(schedule().describe()).isNotBlank().isEqualTo(schedule().describe());
  }
}
