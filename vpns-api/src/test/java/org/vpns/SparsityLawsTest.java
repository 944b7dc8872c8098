package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;

class SparsityLawsTest {
  /** Reference in integers: s = unscaled / 10^scale, floor(s n) = unscaled * n div 10^scale. */
  @Property
  void prune_ofAnyDecimal_isTheIntegerQuotient(
      @ForAll @BigRange(min = "0", max = "1") @Scale(25) BigDecimal s,
      @ForAll @LongRange(min = 0) long n) {
    BigInteger quotient =
        s.unscaledValue()
            .multiply(BigInteger.valueOf(n))
            .divide(BigInteger.TEN.pow(Math.max(0, s.scale())));
    assertThat(Sparsity.of(s.toString()).prune(n)).isEqualTo(quotient.longValueExact());
  }

  @Property
  void prune_ofAnyDouble_takesItsShortestDecimal(
      @ForAll @DoubleRange(min = 0, max = 1) double s, @ForAll @IntRange(min = 0) int n) {
    BigDecimal decimal = new BigDecimal(Double.toString(s));
    assertThat(Sparsity.of(s).prune(n))
        .isEqualTo(decimal.multiply(BigDecimal.valueOf(n)).toBigInteger().longValueExact());
    assertThat(Sparsity.of(s)).isEqualTo(Sparsity.of(Double.toString(s)));
  }

  @Property
  void keep_whenSparsityRises_neverRises(
      @ForAll @DoubleRange(min = 0, max = 1) double a,
      @ForAll @DoubleRange(min = 0, max = 1) double b,
      @ForAll @IntRange(min = 0) int n) {
    Sparsity low = Sparsity.of(Math.min(a, b));
    Sparsity high = Sparsity.of(Math.max(a, b));
    assertThat(low).isLessThanOrEqualTo(high);
    assertThat(high.keep(n)).isBetween(0L, low.keep(n));
  }

  @Property
  void ofDensity_isTheExactComplement(@ForAll @DoubleRange(min = 0, max = 1) double d) {
    Sparsity s = Sparsity.ofDensity(d);
    assertThat(s.density()).isEqualByComparingTo(BigDecimal.valueOf(d));
    assertThat(s.density().add(s.value())).isEqualByComparingTo(BigDecimal.ONE);
  }

  @Property
  void removing_anyCount_removesExactlyThat(
      @ForAll @LongRange(min = 0) long a, @ForAll @LongRange(min = 0) long b) {
    long removed = Math.min(a, b);
    long total = Math.max(a, b);
    assertThat(Sparsity.removing(removed, total).prune(total)).isEqualTo(removed);
  }
}
