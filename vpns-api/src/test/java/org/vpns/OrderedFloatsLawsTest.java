package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Doubles as floats: order and ties are exact, whatever the numbers are. */
final class OrderedFloatsLawsTest {
  private static final float TINY = Float.MIN_VALUE;

  /** Numbers that lie close together, ties, and both ends of the range. */
  @Provide
  Arbitrary<double[]> numbers() {
    Arbitrary<Double> close =
        Arbitraries.integers().between(-40, 40).map(i -> 1 + i * Math.ulp(1.0) * 3);
    Arbitrary<Double> tiny = Arbitraries.integers().between(-30, 30).map(i -> i * 1e-50);
    Arbitrary<Double> huge = Arbitraries.integers().between(-30, 30).map(i -> i * 1e50);
    Arbitrary<Double> special =
        Arbitraries.of(
            0.0,
            -0.0,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MAX_VALUE,
            -Double.MAX_VALUE,
            (double) Float.MAX_VALUE,
            Double.MIN_VALUE);
    Arbitrary<Double> any = Arbitraries.doubles().between(-10, 10);
    return Arbitraries.oneOf(close, tiny, huge, special, any)
        .list()
        .ofMaxSize(120)
        .map(list -> list.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Property
  void floats_compareAsTheDoubles(@ForAll("numbers") double[] values) {
    float[] floats = OrderedFloats.of(values);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values.length; j++) {
        // both zeros are one number
        int expected = Double.compare(values[i] + 0.0, values[j] + 0.0);
        assertThat(Integer.signum(Float.compare(floats[i] + 0.0f, floats[j] + 0.0f)))
            .isEqualTo(Integer.signum(expected));
      }
    }
  }

  @Property
  void infinities_areKept_andFiniteNumbersStayFinite(@ForAll("numbers") double[] values) {
    float[] floats = OrderedFloats.of(values);
    for (int i = 0; i < values.length; i++) {
      assertThat(Float.isInfinite(floats[i])).isEqualTo(Double.isInfinite(values[i]));
    }
  }

  /** At most as many floats away as there are numbers below it. */
  @Property
  void floats_areNear(@ForAll("numbers") double[] values) {
    float[] floats = OrderedFloats.of(values);
    for (int i = 0; i < values.length; i++) {
      double clamped = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, values[i]));
      if (Double.isFinite(values[i])) {
        double step = Math.max(Math.ulp((float) clamped), TINY);
        assertThat(Math.abs(floats[i] - clamped)).isLessThanOrEqualTo(2 * step * values.length);
      }
    }
  }

  @Property
  void floats_thatAreFarApart_areTheNearest(@ForAll float[] values) {
    float[] numbers = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      numbers[i] = Float.isNaN(values[i]) ? 0 : values[i] + 0.0f;
    }
    double[] doubles = new double[numbers.length];
    Arrays.setAll(doubles, i -> numbers[i]);
    assertThat(OrderedFloats.of(doubles)).containsExactly(numbers);
  }

  @Example
  void notANumber_staysSo_andLeavesTheOthersAlone() {
    float[] floats = OrderedFloats.of(new double[] {2, Double.NaN, 1});
    assertThat(floats).containsExactly(2, Float.NaN, 1);
  }

  @Example
  void longRunsOfOneFloat_areSorted() {
    double[] values = new double[1000];
    Arrays.setAll(values, i -> 1 + (i * 7919 % 1000) * 1e-13);
    float[] floats = OrderedFloats.of(values);
    for (int i = 0; i < values.length; i++) {
      // the k-th number above 1 becomes the k-th float above 1
      assertThat(floats[i]).isEqualTo(1 + (i * 7919 % 1000) * Math.ulp(1f));
    }
  }
}
