package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

class LayerwiseLawsTest {
  /** Those that have densities for every layout and sparsity. */
  private static final List<LayerDensities> ALWAYS =
      List.of(
          LayerDensities.uniform(),
          LayerDensities.er(),
          LayerDensities.erk(),
          LayerDensities.clampedErkPlus(1));

  @Provide
  Arbitrary<Layout> layouts() {
    return RandomNetworks.layouts();
  }

  @Provide
  Arbitrary<LayerDensities> densities() {
    return Arbitraries.of(ALWAYS);
  }

  private static Sparsity thousandths(int s) {
    return Sparsity.of(s / 1000.0);
  }

  @Property(tries = 300)
  void densities_areFractionsWithTheMeanAskedFor(
      @ForAll("layouts") Layout layout,
      @ForAll("densities") LayerDensities rule,
      @ForAll @IntRange(max = 1000) int s) {
    double[] densities = rule.of(layout, thousandths(s));
    double total = 0;
    for (int i = 0; i < densities.length; i++) {
      assertThat(densities[i]).isBetween(0.0, 1.0);
      total += densities[i] * layout.size(i);
    }
    // a dozen roundings of numbers up to some thousands
    assertThat(total).isCloseTo((1000 - s) / 1000.0 * layout.size(), within(1e-9));
  }

  @Property(tries = 300)
  void layerwise_keepsItsShares_roundedDownOrUp_andTheExactTotal(
      @ForAll("layouts") Layout layout,
      @ForAll("densities") LayerDensities rule,
      @ForAll @IntRange(max = 1000) int s,
      @ForAll Random random) {
    double[] densities = rule.of(layout, thousandths(s));
    GroupedAllocation allocation = Allocations.layerwise(rule);
    MaskSet masks = allocation.allocate(RandomNetworks.scores(layout, random), thousandths(s));
    assertThat(masks.kept()).isEqualTo(thousandths(s).keep(layout.size()));
    for (int i = 0; i < layout.tensors(); i++) {
      double share = densities[i] * layout.size(i);
      assertThat((double) masks.get(layout.path(i)).kept())
          // less than one away, but for the noise of doubles
          .isBetween(share - 1 - 1e-9, share + 1 + 1e-9);
    }
    assertThat(allocation.groups(layout, thousandths(s)))
        .isEqualTo(
            IntStream.range(0, layout.tensors())
                .mapToObj(i -> new TensorGroup(List.of(i), masks.mask(i).kept()))
                .toList());
    assertThat(
            Allocations.countsOf(masks)
                .allocate(RandomNetworks.scores(layout, random), thousandths(s))
                .kept())
        .isEqualTo(masks.kept());
  }

  /** Within a parameter nothing kept ranks below anything removed. */
  @Property(tries = 200)
  void layerwise_keepsTheBestOfEachParameter(
      @ForAll("layouts") Layout layout,
      @ForAll("densities") LayerDensities rule,
      @ForAll @IntRange(max = 1000) int s,
      @ForAll Random random) {
    Scores scores = RandomNetworks.scores(layout, random);
    MaskSet masks = Allocations.layerwise(rule).allocate(scores, thousandths(s));
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = masks.get(layout.path(i));
      for (int a = 0; a < mask.size(); a++) {
        for (int b = 0; b < mask.size(); b++) {
          if (mask.isKept(a) && !mask.isKept(b)) {
            float kept = scores.get(layout.offset(i) + a);
            float removed = scores.get(layout.offset(i) + b);
            assertThat(kept > removed || (kept == removed && a < b)).isTrue();
          }
        }
      }
    }
  }

  /** Off the dense ones e p, on them e p >= 1, with one e for all: the fixed point itself. */
  @Property(tries = 300)
  void erk_isTheFixedPoint(@ForAll("layouts") Layout layout, @ForAll @IntRange(max = 999) int s) {
    double[] densities = LayerDensities.erk().of(layout, thousandths(s));
    double scale = Double.NaN;
    for (int i = 0; i < densities.length; i++) {
      if (layout.size(i) > 0 && densities[i] < 1) {
        double own = densities[i] / raw(layout, i);
        // a quotient of a product: some units in the last place
        assertThat(Double.isNaN(scale) ? own : scale).isCloseTo(own, within(1e-12 * own));
        scale = own;
      }
    }
    for (int i = 0; i < densities.length; i++) {
      if (densities[i] == 1 && !Double.isNaN(scale)) {
        assertThat(scale * raw(layout, i)).isGreaterThanOrEqualTo(1 - 1e-12);
      }
    }
  }

  private static double raw(Layout layout, int tensor) {
    long sum = layout.shape(tensor).dimension() == 0 ? 1 : 0;
    for (long dimension : layout.shape(tensor).getShape()) {
      sum += dimension;
    }
    return (double) sum / layout.size(tensor);
  }

  @Property(tries = 200)
  void densities_whenTheSparsityRises_fallEverywhere(
      @ForAll("layouts") Layout layout,
      @ForAll @IntRange(max = 1000) int a,
      @ForAll @IntRange(max = 1000) int b) {
    // not ERK+ clamped: where it begins to clamp the others gain
    for (LayerDensities rule : ALWAYS.subList(0, 3)) {
      double[] dense = rule.of(layout, thousandths(Math.min(a, b)));
      double[] sparse = rule.of(layout, thousandths(Math.max(a, b)));
      for (int i = 0; i < dense.length; i++) {
        assertThat(sparse[i]).isLessThanOrEqualTo(dense[i] + 1e-12); // rounding
      }
    }
  }

  /** All that nest: exact totals, subsets, with new scores at every selection. */
  @Property(tries = 200)
  void allocateWithin_atRisingSparsities_nestsExactly(
      @ForAll("layouts") Layout layout,
      @ForAll @Size(4) List<@IntRange(max = 1000) Integer> thousandths,
      @ForAll Random random) {
    for (Allocation allocation :
        List.of(
            Allocations.global(),
            Allocations.uniform(),
            Allocations.er(),
            Allocations.erk(),
            Allocations.layerwise(LayerDensities.clampedErkPlus(1)))) {
      MaskSet masks = MaskSet.ones(layout);
      for (int s : new TreeSet<>(thousandths)) {
        Scores scores = RandomNetworks.scores(layout, random);
        MaskSet next = allocation.allocateWithin(masks, scores, thousandths(s));
        assertThat(next.isSubsetOf(masks)).isTrue();
        assertThat(next.kept()).isEqualTo(thousandths(s).keep(layout.size()));
        masks = next;
      }
    }
  }
}
