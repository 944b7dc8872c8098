package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Scale;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;

/** Unstructured pruning is exact and nested: zeros = floor(s n), in exact decimals. */
class OneShotMagnitudeLawsTest {
  private static final FakeContext NETWORK = OneShotMagnitudeTest.network();

  /** Networks of 1 to 4 tensors, with zeros, ties in magnitude and gaussian weights. */
  @Provide
  Arbitrary<FakeContext> networks() {
    Arbitrary<Float> weight =
        Arbitraries.oneOf(
            Arbitraries.of(0f, -0f, 0.5f, -0.5f, 0.25f),
            Arbitraries.randomValue(random -> (float) random.nextGaussian()));
    return Combinators.combine(
            Arbitraries.integers().between(0, 70).list().ofMinSize(1).ofMaxSize(4),
            weight.list().ofSize(280))
        .as(OneShotMagnitudeLawsTest::network)
        .withoutEdgeCases();
  }

  private static FakeContext network(List<Integer> sizes, List<Float> weights) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    sizes.forEach(size -> shapes.put("t" + shapes.size(), new Shape(size)));
    Layout layout = Layout.of(shapes);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = weights.get(i);
    }
    return new FakeContext(layout, values, 0);
  }

  @Property
  void zeros_atAnySparsity_areTheFloorOfItsShare(
      @ForAll("networks") FakeContext network,
      @ForAll @BigRange(min = "0", max = "1") @Scale(4) BigDecimal s) {
    assertExact(network, s);
  }

  @Property(tries = 100)
  void zeros_ofTheReferenceNetwork_areTheFloorOfTheirShare(
      @ForAll @BigRange(min = "0", max = "1") @Scale(4) BigDecimal s) {
    assertExact(NETWORK, s);
  }

  private static void assertExact(FakeContext network, BigDecimal s) {
    MaskSet masks = OneShotMagnitudeTest.prune(network, Sparsity.of(s.toPlainString()));
    BigDecimal share = s.multiply(BigDecimal.valueOf(masks.size()));
    assertThat(masks.size() - masks.kept())
        .isEqualTo(share.setScale(0, RoundingMode.FLOOR).longValueExact());
    // no weight removed is larger than one kept
    assertThat(largest(network, masks.not())).isLessThanOrEqualTo(smallest(network, masks));
  }

  @Property
  void masks_whenSparsityRises_nest(
      @ForAll("networks") FakeContext network,
      @ForAll @BigRange(min = "0", max = "1") @Scale(4) BigDecimal a,
      @ForAll @BigRange(min = "0", max = "1") @Scale(4) BigDecimal b) {
    MaskSet dense = OneShotMagnitudeTest.prune(network, Sparsity.of(a.min(b).toString()));
    MaskSet sparse = OneShotMagnitudeTest.prune(network, Sparsity.of(a.max(b).toString()));
    assertThat(sparse.isSubsetOf(dense)).isTrue();
  }

  private static double largest(FakeContext network, MaskSet masks) {
    double top = 0;
    for (int i = 0; i < network.layout().tensors(); i++) {
      float[] weights = network.weights(i);
      Mask mask = masks.get(network.layout().path(i));
      for (int j = 0; j < weights.length; j++) {
        top = mask.isKept(j) ? Math.max(top, Math.abs(weights[j])) : top;
      }
    }
    return top;
  }

  private static double smallest(FakeContext network, MaskSet masks) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < network.layout().tensors(); i++) {
      float[] weights = network.weights(i);
      Mask mask = masks.get(network.layout().path(i));
      for (int j = 0; j < weights.length; j++) {
        least = mask.isKept(j) ? Math.min(least, Math.abs(weights[j])) : least;
      }
    }
    return least;
  }
}
