package org.vpns.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WidthSpeedTest {
  @Test
  void rows_areOfEachWidth_withItsTimeAndSpeed() {
    List<String> lines = WidthSpeed.measure(7, 9, 2).lines().toList();
    assertThat(lines).hasSize(2 + 3);
    for (int i = 0; i < 3; i++) {
      String[] row = lines.get(2 + i).split("[| ]+");
      int width = Integer.parseInt(row[1]);
      assertThat(width).isEqualTo(7 + i);
      double milliseconds = Double.parseDouble(row[2]);
      double macs = 6.0 * 9 * 28 * 28 * width * width;
      // time and speed are rounded to two places and one
      assertThat(milliseconds).isPositive();
      assertThat(Double.parseDouble(row[3]))
          .isBetween(
              macs / (milliseconds + 0.006) / 1e6 - 0.06,
              macs / (milliseconds - 0.006) / 1e6 + 0.06);
    }
  }
}
