package org.vpns.internal.runtime.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.plan.Program;

/** Small shares until nothing is allocated any more, then whole passes. */
class WarmUpTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Allocates as code does that is not compiled yet, and notes in how many shares it was cut. */
  private static final class Cold implements Step {
    private final int until;
    private final int[] calls = new int[100_000];
    private final List<Object> objects = new ArrayList<>();
    private int count;

    Cold(int until) {
      this.until = until;
    }

    @Override
    public void run(float[] a, int part, int parts) {
      if (count < until) {
        objects.add(new byte[10_000]);
      }
      calls[count++] = parts;
    }

    /** Calls before the first with the whole work. */
    int shares() {
      int shares = 0;
      while (shares < count && calls[shares] > 1) {
        shares++;
      }
      return shares;
    }
  }

  private static WarmUp warm(Step step, Duration limit) {
    Program program =
        new Program(List.of(step), List.of("step"), 8, 0, 2, 4, 2, List.of(2), List.of());
    try (Runner runner = new Runner(program, 1)) {
      return WarmUp.of(runner, 2, 2, limit);
    }
  }

  @Test
  void of_whileAStepAllocates_runsNoWholePass() {
    Cold step = new Cold(700);

    WarmUp warmUp = warm(step, LONG);

    assertThat(step.shares()).isGreaterThan(700);
    assertThat(warmUp.runs()).isPositive().isEqualTo(step.count - step.shares());
    assertThat(warmUp.last()).isLessThanOrEqualTo(warmUp.first());
  }

  @Test
  void of_withoutTime_runsNothing() {
    Cold step = new Cold(0);

    assertThat(warm(step, Duration.ZERO).runs()).isZero();
    assertThat(step.count).isZero();
  }
}
