package org.vpns.examples.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpeedTableTest {
  private static SpeedOutcome outcome(
      String way, String channels, String sparsity, long seed, double accuracy) {
    return new SpeedOutcome(way, channels, sparsity, seed, 0.9, accuracy, 100, 25, 100, 550, 1.5);
  }

  @Test
  void rows_areMeansOverSeeds_slowestFirst() {
    List<String> lines =
        SpeedTable.markdown(
                Map.of(
                    outcome("weights", "0", "0.9", 1, 0.84), new SpeedTimes(8, 4, 1),
                    outcome("weights", "0", "0.9", 2, 0.88), new SpeedTimes(8, 4, 2),
                    outcome("channels", "0.5", "0", 1, 0.80), new SpeedTimes(8, 4, 10)))
            .lines()
            .toList();
    // ONNX Runtime halves the time; the sparse runtime is slower than the whole network
    assertThat(lines.get(2))
        .isEqualTo("| channels | 50 | 0 | 1 | 80.00 | 10.00 | 25.0 | 2.00 | 0.80 | 2.00 |");
    // gains of 8 and 4; deviation of 84 and 88 is 2.83
    assertThat(lines.get(3))
        .isEqualTo("| weights | 0 | 90 | 2 | 86.00 ± 2.83 | 4.00 | 25.0 | 2.00 | 6.00 | 6.00 |");
  }
}
