package org.vpns.internal.runtime.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.plan.Program;

/** Threads and memory. */
class RunnerTest {
  private static Program program(Step... steps) {
    List<String> names = List.of(steps).stream().map(s -> "step").toList();
    return new Program(List.of(steps), names, 8, 0, 2, 4, 2, List.of(2), List.of());
  }

  /** A step that each part does for one of two numbers. */
  private static Step add(int from, int to) {
    return (a, part, parts) -> {
      for (int i = 2 * part / parts; i < 2 * (part + 1) / parts; i++) {
        a[to + i] = a[from + i] + 1;
      }
    };
  }

  @Test
  void run_withAnyNumberOfThreads_doesEveryStepOnce() {
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (Runner runner = new Runner(program(add(0, 2), add(2, 4)), threads)) {
        for (int count : new int[] {0, 1, 2, 9}) {
          float[] images = new float[2 * count];
          float[] expected = new float[2 * count];
          for (int i = 0; i < images.length; i++) {
            images[i] = i;
            expected[i] = i + 2;
          }
          float[] results = new float[2 * count];
          runner.run(images, count, results);
          assertThat(results).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void run_ofAStepThatFails_throwsAndGoesOnAfterwards() {
    AtomicInteger calls = new AtomicInteger();
    Step failing =
        (a, part, parts) -> {
          if (calls.getAndIncrement() < 2) {
            throw new IndexOutOfBoundsException("once");
          }
        };
    try (Runner runner = new Runner(program(failing, add(0, 4)), 2)) {
      float[] result = new float[2];

      assertThatThrownBy(() -> runner.run(new float[2], 1, result)).hasRootCauseMessage("once");

      calls.set(2);
      runner.run(new float[] {3, 4}, 1, result);
      assertThat(result).containsExactly(4, 5);
    }
  }
}
