package org.vpns.internal.runtime.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.plan.Program;

/** Small shares until nothing is allocated any more, then whole passes. */
class WarmUpTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Allocates as code does that is not compiled yet, and notes in how many shares it was cut. */
  private static final class Cold implements Step {
    private final IntUnaryOperator bytes;
    private final int[] calls = new int[100_000];
    private final List<Object> objects = new ArrayList<>();
    private int count;

    Cold(int until) {
      this(call -> call < until ? 10_000 : 0);
    }

    Cold(IntUnaryOperator bytes) {
      this.bytes = bytes;
    }

    @Override
    public void run(float[] a, int part, int parts) {
      int size = bytes.applyAsInt(count);
      if (size > 0) {
        objects.add(new byte[size]);
        objects.clear();
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

  /** As on compilers that leave some objects for good. */
  @Test
  void of_aStepThatNeverStopsToAllocate_runsPassesOnceItMakesNoFewer() {
    Cold step = new Cold(call -> 10_000);

    assertThat(warm(step, LONG).runs()).isPositive();
    assertThat(step.shares()).isEqualTo(17 * 512);
  }

  @Test
  void of_aStepThatAllocatesLessFromTimeToTime_goesOnUntilItStops() {
    Cold step = new Cold(call -> call < 30_000 ? 40_000 >> call / 6_000 : 0);

    assertThat(warm(step, LONG).runs()).isPositive();
    assertThat(step.shares()).isGreaterThan(30_000);
  }

  @Test
  void of_withoutTime_runsNothing() {
    Cold step = new Cold(0);

    assertThat(warm(step, Duration.ZERO).runs()).isZero();
    assertThat(step.count).isZero();
  }

  /** Sleeps where it is divided, as where numbers go from core to core, or where it is not. */
  private static Step slow(boolean divided) {
    return (a, part, parts) -> {
      if (parts < 100 && divided == parts > 1) {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      if (part == 0) {
        a[4] = parts;
      }
    };
  }

  private static float partsOfAnImageAfterWarmUp(Step step, Duration limit) {
    Program program =
        new Program(List.of(step), List.of("step"), 8, 0, 2, 4, 2, List.of(2), List.of());
    try (Runner runner = new Runner(program, 2)) {
      WarmUp.of(runner, 2, 2, limit);
      float[] result = new float[2];
      runner.run(new float[2], 1, result);
      return result[0];
    }
  }

  @Test
  void of_withTwoThreads_leavesSingleImagesToWhatIsFaster() {
    assertThat(partsOfAnImageAfterWarmUp(slow(true), LONG)).isEqualTo(1);
    assertThat(partsOfAnImageAfterWarmUp(slow(false), LONG)).isEqualTo(2);
    assertThat(partsOfAnImageAfterWarmUp(slow(true), Duration.ZERO)).isEqualTo(2);
  }

  @Test
  void describe_withTwoThreads_saysWhoWorksOnSingleImages() {
    WarmUp one = new WarmUp(4, Duration.ofMillis(1200), 9, 5.5, 6.25, 4.5);
    WarmUp all = new WarmUp(4, Duration.ofMillis(1200), 9, 5.5, 3.25, 4.5);

    assertThat(one.describe())
        .isEqualTo(
            "warmed up in 1.2 s, 4 runs, the first 9.0 ms, the fastest 5.500 ms; single images by"
                + " one thread: 4.500 ms, by all 6.250");
    assertThat(all.describe()).endsWith("single images by all threads: 3.250 ms, by one 4.500");
    assertThat(warm(new Cold(0), LONG).describe()).doesNotContain("single images");
  }
}
