package org.vpns.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.model.MobileNets;

class ShrunkSpeedTest {
  @Test
  void rows_areOfTheWholeNetworkAndOfEachSmallerOne_thatKeepsToItsBudget() throws IOException {
    ShrunkSpeed bench = new ShrunkSpeed(2, 2);
    int columns = bench.headings().lines().findFirst().orElseThrow().split("\\|").length;
    List<String[]> rows =
        bench.measure(MobileNets.v1(0.5)).lines().map(line -> line.split(" *\\| *")).toList();
    // three shares, chosen in five ways
    assertThat(rows).hasSize(1 + 3 * 5).allSatisfy(row -> assertThat(row).hasSize(columns));
    // the whole network: all of everything, once as fast as itself
    assertThat(rows.get(0)).contains("-", "100.0", "1.00", "100");
    for (String[] row : rows.subList(1, rows.size())) {
      double share = Double.parseDouble(row[2].split(" ")[0]);
      assertThat(Double.parseDouble(row[3])).isPositive().isLessThanOrEqualTo(100 * share);
      assertThat(Double.parseDouble(row[4])).isPositive().isLessThan(100);
      assertThat(Double.parseDouble(row[5]))
          .isLessThanOrEqualTo(Double.parseDouble(rows.get(0)[5]));
    }
  }
}
