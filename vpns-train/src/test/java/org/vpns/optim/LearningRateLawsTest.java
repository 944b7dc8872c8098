package org.vpns.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LearningRateLawsTest {
  /** Rates of all steps of a stage of one epoch. */
  private static double[] steps(LearningRate rate, int steps) {
    double[] result = new double[steps];
    for (int t = 0; t < steps; t++) {
      result[t] = rate.at(t, steps, 0, 1);
    }
    return result;
  }

  @Property
  void perEpoch_withinAnEpoch_isConstant(
      @ForAll @IntRange(min = 0, max = 29) int epoch,
      @ForAll @IntRange(min = 0, max = 99) int step) {
    LearningRate rate = LearningRate.cosine(0.01).perEpoch();
    assertThat(rate.at(100L * epoch + step, 3000, epoch, 30))
        .isEqualTo(rate.at(100L * epoch, 3000, epoch, 30));
  }

  @Property
  void cosine_overAStage_fallsFromTheRateToTheLast(
      @ForAll @IntRange(min = 2, max = 500) int steps) {
    double[] rates = steps(LearningRate.cosine(0.1, 0.001), steps);
    assertThat(rates[0]).isEqualTo(0.1, within(1e-16));
    for (int t = 1; t < steps; t++) {
      assertThat(rates[t]).isLessThan(rates[t - 1]).isGreaterThan(0.001);
    }
    // Points t and T - t lie symmetrically about the middle: 0.1 + 0.001.
    assertThat(rates[1] + rates[steps - 1]).isCloseTo(0.101, within(1e-15));
  }
}
