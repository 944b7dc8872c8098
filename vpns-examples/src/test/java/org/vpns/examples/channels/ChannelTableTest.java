package org.vpns.examples.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelTableTest {
  private static ChannelOutcome outcome(String method, long seed, double accuracy) {
    return new ChannelOutcome(
        method, "0.5", seed, 0.25, accuracy, 10, 1000, 50, 4000, 100, 0.5, 2, 300, 1.5);
  }

  @Test
  void differences_areOfTheSeedsThatTheBaselineHas() {
    List<ChannelOutcome> outcomes =
        List.of(
            outcome("base", 1, 0.80),
            outcome("base", 2, 0.90),
            outcome("other", 1, 0.90),
            outcome("other", 2, 0.94),
            outcome("late", 3, 0.70));
    List<String> lines =
        new ChannelTable(outcomes, "base", "channels", 0).toMarkdown().lines().toList();
    assertThat(lines.get(0))
        .startsWith("| channels removed | method |")
        .contains("vs base, points");
    assertThat(lines.get(2))
        .startsWith("| 0.5 | base | 2 | 85.00 ± 7.07 | 25.00 | - | baseline | 50");
    // differences of 10 and 4 points: mean 7, deviation 4.243, error 3
    assertThat(lines.get(3))
        .startsWith("| 0.5 | other | 2 | 92.00 ± 2.83 | 25.00 | +7.00 ± 3.00 | within noise |");
    // no seed in common: nothing to compare, and no baseline either
    assertThat(lines.get(4)).startsWith("| 0.5 | late | 1 | 70.00 | 25.00 | - | - |");
  }
}
