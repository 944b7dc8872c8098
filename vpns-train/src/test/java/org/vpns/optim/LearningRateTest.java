package org.vpns.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRateTest {
  /** The tables are written with ten decimals. */
  private static final double DIGITS = 1e-10;

  private static double[] table(String name) {
    return Fixture.doubles(Fixture.optimisers().getAsJsonObject("schedules").getAsJsonArray(name));
  }

  /** Rates at the first step of each epoch, seven steps an epoch. */
  private static double[] epochs(LearningRate rate, int epochs) {
    double[] result = new double[epochs];
    for (int e = 0; e < epochs; e++) {
      result[e] = rate.at(7L * e, 7L * epochs, e, epochs);
    }
    return result;
  }

  /** Rates of all steps of a stage of one epoch. */
  private static double[] steps(LearningRate rate, int steps) {
    double[] result = new double[steps];
    for (int t = 0; t < steps; t++) {
      result[t] = rate.at(t, steps, 0, 1);
    }
    return result;
  }

  @Test
  void cosine_perEpoch_equalsTheTable() {
    assertThat(epochs(LearningRate.cosine(0.01).perEpoch(), 5))
        .containsExactly(table("cosine_epoch_T5_lr0.01"), within(DIGITS));
  }

  @Test
  void cosine_perStepWithWarmUp_equalsTheTable() {
    assertThat(steps(LearningRate.cosine(0.4).warmUp(3), 8))
        .containsExactly(table("cosine_step_warm3_T8_lr0.4"), within(DIGITS));
  }

  @Test
  void multiStep_perEpoch_equalsTheTable() {
    assertThat(epochs(LearningRate.multiStep(0.01, 0.1, 0.5, 0.72).perEpoch(), 10))
        .containsExactly(table("multistep_E10_0.5_0.72_lr0.01"), within(DIGITS));
  }

  @Test
  void warmUp_ofAnySchedule_risesToTheRate() {
    assertThat(steps(LearningRate.constant(0.2).warmUp(4), 6))
        .containsExactly(new double[] {0.05, 0.1, 0.15, 0.2, 0.2, 0.2}, within(1e-16));
    assertThat(steps(LearningRate.constant(0.2).warmUp(0), 2)).containsExactly(0.2, 0.2);
  }

  @Test
  void warmUp_asLongAsTheStage_onlyRises() {
    assertThat(steps(LearningRate.cosine(1).warmUp(4), 4)).containsExactly(0.25, 0.5, 0.75, 1);
    assertThat(steps(LearningRate.cosine(1).warmUp(8), 4)).containsExactly(0.125, 0.25, 0.375, 0.5);
  }

  /** Warm-up counts steps, also across epochs; then the epoch's rate applies, unshifted. */
  @Test
  void warmUp_withARatePerEpoch_thenJoinsTheEpoch() {
    LearningRate rate = LearningRate.cosine(1).perEpoch().warmUp(3);
    double[] rates = new double[6];
    for (int t = 0; t < 6; t++) {
      rates[t] = rate.at(t, 6, t / 2, 3);
    }
    // (1 + cos(pi / 3)) / 2 = 0.75, (1 + cos(2 pi / 3)) / 2 = 0.25
    assertThat(rates)
        .containsExactly(new double[] {1 / 3.0, 2 / 3.0, 1, 0.75, 0.25, 0.25}, within(1e-15));
    assertThat(LearningRate.cosine(1).warmUp(3).perEpoch().at(4, 6, 2, 3))
        .isEqualTo(rate.at(4, 6, 2, 3));
  }

  /** In doubles 0.7 * 90 is 62.99... and 0.29 * 100 is 28.99...: floor would come a step early. */
  @ParameterizedTest
  @CsvSource({"0.7, 90, 63", "0.29, 100, 29", "0.5, 30, 15", "0.72, 30, 21", "0.1, 7, 0"})
  void milestone_ofADecimalFraction_isExact(double fraction, int steps, int first) {
    double[] rates = steps(LearningRate.multiStep(1, 0.5, fraction), steps);
    for (int t = 0; t < steps; t++) {
      assertThat(rates[t]).as("step %d", t).isEqualTo(t < first ? 1 : 0.5);
    }
  }

  @Test
  void multiStep_withWarmUp_countsMilestonesAfterIt() {
    // of 10 - 2 steps the half is reached at 2 + 4
    assertThat(steps(LearningRate.multiStep(1, 0.5, 0.5).warmUp(2), 10))
        .containsExactly(0.5, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5);
  }

  @Test
  void multiStep_doesNotSeeLaterChangesOfItsArray() {
    double[] fractions = {0.5};
    LearningRate rate = LearningRate.multiStep(1, 0.5, fractions);
    fractions[0] = 0;
    assertThat(rate.at(0, 10, 0, 1)).isEqualTo(1);
    assertThat(LearningRate.multiStep(1, 0.5).at(9, 10, 0, 1)).isEqualTo(1);
  }

  @Test
  void describe_saysShapeAndNumbers() {
    assertThat(LearningRate.constant(0.1).describe()).isEqualTo("constant 0.1");
    assertThat(LearningRate.cosine(0.1).perEpoch().describe())
        .isEqualTo("cosine 0.1 to 0.0 per epoch");
    assertThat(LearningRate.multiStep(0.1, 0.2, 0.5).warmUp(3).describe())
        .isEqualTo("0.1 x 0.2 at [0.5], warm-up 3");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void rates_outOfRange_areRefused(double bad) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.constant(bad))
        .withMessage(
            "option out of range: LearningRate; expected a finite value of at least 0, found "
                + bad
                + "; correct it.");
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.cosine(bad));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.cosine(0.1, bad));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.multiStep(0.1, bad, 0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.multiStep(0.1, 0.1, bad));
  }

  @Test
  void otherOptions_outOfRange_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.multiStep(0.1, 0.1, 0.5, 1))
        .withMessageContaining("LearningRate.multiStep; expected 0 <= value < 1, found 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.constant(0.1).warmUp(-1))
        .withMessageContaining("LearningRate.warmUp;");
  }
}
