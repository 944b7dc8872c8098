package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparsityTest {
  /** In doubles 0.7 * 90 is 62.99..., 0.29 * 100 is 28.99..., and so on: each row is a trap. */
  @ParameterizedTest
  @CsvSource({
    "90, 0.7, 27",
    "100, 0.29, 71",
    "10, 0.1, 9",
    "47934900, 0.7, 14380470",
    "5272, 0.8, 1055",
    "5272, 0.9, 528",
    "5272, 0.98, 106",
    "11678912, 0.9, 1167892",
    "10, 0.7, 3",
    "7, 0.5, 4",
    "0, 0.5, 0",
    "1, 0.999, 1",
    "9, 0, 9",
    "9, 1, 0"
  })
  void keep_ofKnownCounts_isExact(long n, String s, long kept) {
    assertThat(Sparsity.of(s).keep(n)).isEqualTo(kept);
    assertThat(Sparsity.of(Double.parseDouble(s)).keep(n)).isEqualTo(kept);
    assertThat(Sparsity.of(s).prune(n)).isEqualTo(n - kept);
  }

  @Test
  void keep_ofTheGreatestCount_doesNotOverflow() {
    // floor(0.9 * (2^63 - 1)) = floor(8301034833169298226.3)
    assertThat(Sparsity.of("0.9").prune(Long.MAX_VALUE)).isEqualTo(8301034833169298226L);
    assertThat(Sparsity.of(1).prune(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void ofDensity_whereDoublesWouldRound_isExact() {
    assertThat(Sparsity.ofDensity(0.1)).isEqualTo(Sparsity.of(0.9)); // 1 - 0.9 is 0.09999...
    assertThat(Sparsity.ofDensity(0.3).keep(90)).isEqualTo(27);
  }

  /** A double, or a quotient cut off below, would remove one less: 1/3 of 3 as 0.333... is 0.99. */
  @ParameterizedTest
  @CsvSource({
    "1, 3, 0.333333333333333333333333333334",
    "5, 12, 0.416666666666666666666666666667",
    "1, 2, 0.5",
    "0, 7, 0",
    "7, 7, 1",
    "0, 0, 0"
  })
  void removing_aCount_removesExactlyThat(long removed, long total, String s) {
    assertThat(Sparsity.removing(removed, total)).isEqualTo(Sparsity.of(s));
    assertThat(Sparsity.removing(removed, total).prune(total)).isEqualTo(removed);
  }

  @Test
  void removing_moreThanThereIs_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.removing(8, 7))
        .withMessage(
            "count out of range: Sparsity.removing; expected 0 to 7 removed, found 8;"
                + " count the weights removed, of all that are prunable.");
    assertThatIllegalArgumentException().isThrownBy(() -> Sparsity.removing(-1, 7));
  }

  @Test
  void of_anExactDecimal_isThatDecimal() {
    assertThat(Sparsity.of(new BigDecimal("0.360"))).isEqualTo(Sparsity.of("0.36"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of(new BigDecimal("1.5")))
        .withMessage(
            "sparsity out of range: Sparsity.of; expected 0 <= s <= 1, found 1.5;"
                + " pass a fraction, 0.90 for 90 %.");
  }

  @Test
  void equality_isByValue_notBySpelling() {
    assertThat(Sparsity.of("0.900")).isEqualTo(Sparsity.of(0.9)).hasToString("0.9");
    assertThat(Sparsity.of("9E-1")).hasSameHashCodeAs(Sparsity.of(0.9)).hasToString("0.9");
    assertThat(Sparsity.of("0.000")).isEqualTo(Sparsity.DENSE).hasToString("0");
    assertThat(Sparsity.of(-0.0)).isEqualTo(Sparsity.DENSE);
    assertThat(Sparsity.of("1.0")).isEqualTo(Sparsity.of(1)).hasToString("1");
    assertThat(Sparsity.of(1e-4)).hasToString("0.0001");
    assertThat(Sparsity.of(0.5)).isNotEqualTo(Sparsity.of(0.25));
    assertThat(Sparsity.of(" 0.25 ").doubleValue()).isEqualTo(0.25);
  }

  @Test
  void of_aPercentage_saysWhatToPass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of(90.0))
        .withMessage(
            "sparsity out of range: Sparsity.of; expected 0 <= s <= 1, found 90.0; "
                + "pass a fraction, 0.90 for 90 %.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of("90"))
        .withMessage(
            "sparsity out of range: Sparsity.of; expected 0 <= s <= 1, found 90; "
                + "pass a fraction, 0.90 for 90 %.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.ofDensity(10))
        .withMessage(
            "density out of range: Sparsity.ofDensity; expected 0 <= d <= 1, found 10.0; "
                + "pass a fraction, 0.10 for 10 %.");
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {-1e-300, 1.0000000000000002, Double.NaN, Double.POSITIVE_INFINITY, -1.0 / 0})
  void of_aNumberOutsideTheRange_isRefused(double s) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of(s))
        .withMessageContaining("found " + s);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.ofDensity(s))
        .withMessageContaining("found " + s);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "90%", "0,9", "NaN", "0x1", "nine tenths"})
  void of_textThatIsNoNumber_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of(text))
        .withMessage(
            "sparsity is not a number: Sparsity.of; expected a decimal such as 0.95, found '"
                + text
                + "'; write the fraction removed with a decimal point.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "1.1", "1e1000000000", "-1e-1000000000"})
  void of_aNumeralOutsideTheRange_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of(text))
        .withMessageStartingWith("sparsity out of range: Sparsity.of;")
        .withMessageContaining("found " + text + ";");
  }

  @Test
  void of_aNumeralWithAbsurdlyManyDecimals_isRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sparsity.of("1e-1000000000"))
        .withMessage(
            "sparsity has too many decimals: Sparsity.of; expected at most 1100, "
                + "found 1000000000; round it.");
    assertThat(Sparsity.of(Double.MIN_VALUE).prune(Long.MAX_VALUE)).isZero();
  }
}
