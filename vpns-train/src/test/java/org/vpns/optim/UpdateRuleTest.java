package org.vpns.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UpdateRuleTest {
  /**
   * Five float32 steps on values up to 2: each of some five operations rounds by at most 2^-24
   * relative, 1.2e-7 at 2; 25 of them in one direction would make 3e-6. The written-out tables have
   * ten digits.
   */
  private static final double ROUNDING = 3e-6;

  private static UpdateRule named(String table) {
    return switch (table) {
      case "sgd" -> UpdateRule.sgd();
      case "sgd_decay" -> UpdateRule.sgd().decay(0.01);
      case "sgd_momentum_decay" -> UpdateRule.sgd().momentum(0.9).decay(0.01);
      case "sgd_nesterov_decay" -> UpdateRule.sgd().momentum(0.9).decay(0.01).nesterov();
      case "adam" -> UpdateRule.adam();
      case "adam_l2" -> UpdateRule.adam().decay(0.01);
      case "adamw" -> UpdateRule.adamW();
      default -> throw new AssertionError("table without a rule: " + table);
    };
  }

  static Stream<Arguments> tables() {
    JsonObject tables = Fixture.optimisers().getAsJsonObject("tables");
    return tables.keySet().stream().map(name -> Arguments.of(name, tables.getAsJsonObject(name)));
  }

  private static float[][] slots(UpdateRule rule, int n) {
    return new float[rule.slots().size()][n];
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tables")
  void rule_overFiveSteps_equalsTheTable(String name, JsonObject table) {
    JsonObject fixture = Fixture.optimisers();
    float[] p = Fixture.floats(fixture.getAsJsonArray("start"));
    UpdateRule rule = named(name);
    double rate = table.getAsJsonObject("options").get("lr").getAsDouble();
    float[][] slots = slots(rule, p.length);
    JsonArray gradients = fixture.getAsJsonArray("gradients");
    JsonArray expected = table.getAsJsonArray("parameters_after_step");
    assertThat(gradients).hasSize(5).hasSameSizeAs(expected);
    for (int t = 1; t <= 5; t++) {
      float[] g = Fixture.floats(gradients.get(t - 1).getAsJsonArray());
      rule.update(p, g, slots, 0, p.length, rate, t);
      for (int i = 0; i < p.length; i++) {
        double value = expected.get(t - 1).getAsJsonArray().get(i).getAsDouble();
        assertThat((double) p[i]).as("step %d, entry %d", t, i).isCloseTo(value, within(ROUNDING));
      }
    }
  }

  @Test
  void tables_coverEveryRule() {
    assertThat(tables()).hasSize(7);
  }

  /**
   * The rate changes between steps: torch's b is free of the rate, so after b = (1, 1.9) with rates
   * 0.1 and 0.01 p = 0 - 0.1 * 1 - 0.01 * 1.9 = -0.119.
   */
  @Test
  void momentum_whenTheRateChanges_isNotScaledByTheOldRate() {
    UpdateRule rule = UpdateRule.sgd().momentum(0.9);
    float[] p = {0};
    float[][] slots = slots(rule, 1);
    rule.update(p, new float[] {1}, slots, 0, 1, 0.1, 1);
    rule.update(p, new float[] {1}, slots, 0, 1, 0.01, 2);
    assertThat((double) p[0]).isCloseTo(-0.119, within(1e-8)); // 2^-24 of 0.119, twice
    assertThat((double) slots[0][0]).isCloseTo(1.9, within(2.4e-7)); // 2^-23 of 1.9
  }

  /**
   * g = 1e-6, rate 0.1, one step: m / sqrt(v) = 1 after correction, so the step is 0.1 / (1 + 1e-8
   * / 1e-6) = 0.0990099. With epsilon before the correction it would be 0.076.
   */
  @Test
  void adam_withATinyGradient_addsEpsilonAfterTheCorrection() {
    UpdateRule rule = UpdateRule.adam();
    float[] p = {1};
    rule.update(p, new float[] {1e-6f}, slots(rule, 1), 0, 1, 0.1, 1);
    // v is near 1e-15, of full precision in float32: a few roundings of 6e-8 at 1
    assertThat((double) p[0]).isCloseTo(1 - 0.1 / 1.01, within(5e-7));
  }

  /** Millions of steps: the corrections reach 1, nothing overflows. */
  @Test
  void adam_atALateStep_hasNoCorrection() {
    UpdateRule rule = UpdateRule.adam().betas(0, 0).epsilon(1e-3);
    float[] p = {1};
    rule.update(p, new float[] {2}, slots(rule, 1), 0, 1, 0.5, 10_000_000_000L);
    assertThat((double) p[0]).isCloseTo(1 - 0.5 * 2 / 2.001, within(2e-7)); // 2 roundings at 1
  }

  @Test
  void slots_areThoseThatTheRuleNeeds() {
    assertThat(UpdateRule.sgd().slots()).isEmpty();
    assertThat(UpdateRule.sgd().momentum(0.9).slots()).containsExactly("momentum");
    assertThat(UpdateRule.adam().slots()).containsExactly("m", "v");
    assertThat(UpdateRule.adamW().slots()).containsExactly("m", "v");
  }

  @Test
  void rules_describeTheirOptions() {
    assertThat(UpdateRule.sgd().momentum(0.9).decay(1e-4).nesterov().describe())
        .isEqualTo("SGD(momentum 0.9, decay 1.0E-4, Nesterov)");
    assertThat(UpdateRule.adam().describe())
        .isEqualTo("Adam(betas 0.9 0.999, epsilon 1.0E-8, decay 0.0)");
    assertThat(UpdateRule.adamW().betas(0.8, 0.99).epsilon(1e-6).decay(0.1).describe())
        .isEqualTo("AdamW(betas 0.8 0.99, epsilon 1.0E-6, decay 0.1)");
  }

  @Test
  void badOptions_areRefusedAtTheCall() {
    for (double bad : new double[] {1, -0.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> UpdateRule.sgd().momentum(bad))
          .withMessage(
              "option out of range: SgdRule.momentum; expected 0 <= value < 1, found "
                  + bad
                  + "; correct it.");
      assertThatIllegalArgumentException().isThrownBy(() -> UpdateRule.adam().betas(bad, 0.9));
      assertThatIllegalArgumentException().isThrownBy(() -> UpdateRule.adam().betas(0.9, bad));
    }
    for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> UpdateRule.sgd().decay(bad))
          .withMessageContaining("SgdRule.decay; expected a finite value of at least 0");
      assertThatIllegalArgumentException().isThrownBy(() -> UpdateRule.adamW().decay(bad));
      assertThatIllegalArgumentException().isThrownBy(() -> UpdateRule.adam().epsilon(bad));
    }
    // 0 / 0 in entries without gradient; 1e-60 is 0 as a float
    for (double bad : new double[] {0, 1e-60}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> UpdateRule.adam().epsilon(bad))
          .withMessageContaining("AdamRule.epsilon; expected a finite float above 0, found " + bad);
    }
  }

  @Test
  void nesterov_withoutMomentum_isRefusedInEitherOrder() {
    assertThatIllegalStateException()
        .isThrownBy(() -> UpdateRule.sgd().nesterov())
        .withMessageStartingWith("Nesterov's form without momentum: SgdRule.nesterov;");
    assertThatIllegalStateException()
        .isThrownBy(() -> UpdateRule.sgd().momentum(0.9).nesterov().momentum(0))
        .withMessageStartingWith("Nesterov's form without momentum: SgdRule.momentum;");
  }
}
