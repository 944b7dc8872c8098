package org.vpns.internal.compare;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  /** Closed forms against the library's incomplete beta function. */
  private static final double ROUNDING = 1e-12;

  @Test
  void probability_ofFewRuns_hasClosedForms() {
    // 1 degree: 1 - 2/pi atan t, 0.5 at t = 1. 2 degrees: 1 - t / sqrt(2 + t t), 1 - 1/sqrt 3.
    assertThat(Statistics.probability(0.01, 0.01, 2)).isCloseTo(0.5, within(ROUNDING));
    assertThat(Statistics.probability(-0.01, 0.01, 3))
        .isCloseTo(1 - 1 / Math.sqrt(3), within(ROUNDING));
    // Tables give these 97.5 % quantiles with three decimals.
    assertThat(Statistics.probability(2.042, 1, 31)).isCloseTo(0.05, within(1e-4));
    assertThat(Statistics.probability(1.980, 1, 121)).isCloseTo(0.05, within(1e-4));
  }

  @Test
  void probability_whereNothingCanBeSaid_isNaN() {
    assertThat(Statistics.probability(0.1, NaN, 1)).isNaN();
    assertThat(Statistics.probability(0.1, NaN, 3)).isNaN();
    assertThat(Statistics.probability(0.1, 0, 3)).isNaN();
    assertThat(Statistics.probability(0, 0, 3)).isEqualTo(1);
  }

  @Test
  void standardError_ofSplitsFromOnePool_countsTestPerTrainingImages() {
    // 0.01 sqrt(1/3 + 797/1000) = 0.0106317; on one test set 0.01 sqrt(1/3) = 0.0057735.
    assertThat(Statistics.standardError(0.01, 3, 0.797)).isCloseTo(0.0106317, within(1e-7));
    assertThat(Statistics.standardError(0.01, 3, 0)).isCloseTo(0.0057735, within(1e-7));
  }

  @Test
  void holm_workedByHand_keepsTheOrder() {
    // Sorted 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1 raised to the one before; NaN is no test.
    double[] corrected = Statistics.holm(new double[] {0.01, 0.04, NaN, 0.03, 0.005});
    assertThat(corrected[0]).isCloseTo(0.03, within(ROUNDING));
    assertThat(corrected[1]).isCloseTo(0.06, within(ROUNDING));
    assertThat(corrected[2]).isNaN();
    assertThat(corrected[3]).isCloseTo(0.06, within(ROUNDING));
    assertThat(corrected[4]).isCloseTo(0.02, within(ROUNDING));
    assertThat(Statistics.holm(new double[] {0.7, 0.6})).containsExactly(1, 1);
    assertThat(Statistics.holm(new double[] {0.7})).containsExactly(0.7);
    assertThat(Statistics.holm(new double[0])).isEmpty();
  }

  @Property(tries = 200)
  void holm_isBetweenTheProbabilityAndBonferroni(
      @ForAll @Size(min = 1, max = 9) List<@DoubleRange(max = 1) Double> list) {
    double[] probabilities = list.stream().mapToDouble(Double::doubleValue).toArray();
    double[] corrected = Statistics.holm(probabilities);
    double smallest = 1;
    for (int i = 0; i < corrected.length; i++) {
      assertThat(corrected[i])
          .isBetween(probabilities[i], Math.min(1, corrected.length * probabilities[i]));
      smallest = Math.min(smallest, probabilities[i]);
    }
    assertThat(Arrays.stream(corrected).min().getAsDouble())
        .isEqualTo(Math.min(1, corrected.length * smallest));
  }
}
