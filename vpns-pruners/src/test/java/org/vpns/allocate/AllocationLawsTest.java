package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;

/** Laws of the allocations, on scores with many ties and tensors of uneven levels. */
class AllocationLawsTest {
  @Provide
  Arbitrary<Scores> scores() {
    Arbitrary<List<Float>> tensor =
        Arbitraries.integers()
            .between(-2, 2)
            .flatMap(
                level ->
                    Arbitraries.oneOf(
                            Arbitraries.integers().between(-2, 2).map(i -> level + i / 4f),
                            Arbitraries.floats().between(-3, 3),
                            Arbitraries.of(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f))
                        .list()
                        .ofMaxSize(40));
    return tensor.list().ofMinSize(1).ofMaxSize(5).map(AllocationLawsTest::lay).withoutEdgeCases();
  }

  private static Scores lay(List<List<Float>> tensors) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    for (List<Float> tensor : tensors) {
      String path = "t" + shapes.size();
      float[] array = new float[tensor.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = tensor.get(i);
      }
      shapes.put(path, new Shape(array.length));
      values.put(path, array);
    }
    return Scores.of(Layout.of(shapes), values);
  }

  private static long floors(Layout layout, int floor) {
    long sum = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      sum += Math.min(floor, layout.size(i));
    }
    return sum;
  }

  @Property(tries = 200)
  void global_keepsTheExactCountAndNests(
      @ForAll("scores") Scores scores,
      @ForAll @DoubleRange(min = 0, max = 1) double a,
      @ForAll @DoubleRange(min = 0, max = 1) double b) {
    Sparsity low = Sparsity.of(Math.min(a, b));
    Sparsity high = Sparsity.of(Math.max(a, b));
    MaskSet dense = Allocations.global().allocate(scores, low);
    MaskSet sparse = Allocations.global().allocate(scores, high);
    assertThat(dense.size() - dense.kept()).isEqualTo(low.prune(dense.size()));
    assertThat(sparse.kept()).isEqualTo(high.keep(sparse.size()));
    assertThat(sparse.isSubsetOf(dense)).isTrue();
  }

  @Property(tries = 200)
  void perLayer_keepsTheExactCountInEachAndNests(
      @ForAll("scores") Scores scores,
      @ForAll @DoubleRange(min = 0, max = 1) double a,
      @ForAll @DoubleRange(min = 0, max = 1) double b) {
    Sparsity low = Sparsity.of(Math.min(a, b));
    Sparsity high = Sparsity.of(Math.max(a, b));
    MaskSet dense = Allocations.perLayer().allocate(scores, low);
    dense
        .asMap()
        .forEach((path, mask) -> assertThat(mask.kept()).isEqualTo((int) low.keep(mask.size())));
    assertThat(Allocations.perLayer().allocate(scores, high).isSubsetOf(dense)).isTrue();
    // rounding favours keeping, by less than one weight a parameter
    assertThat(dense.kept() - low.keep(dense.size())).isBetween(0L, scores.layout().tensors() - 1L);
  }

  @Property(tries = 200)
  void floor_keepsTheExactCountTheFloorsAndNests(
      @ForAll("scores") Scores scores,
      @ForAll @IntRange(min = 1, max = 8) int floor,
      @ForAll @DoubleRange(min = 0, max = 1) double a,
      @ForAll @DoubleRange(min = 0, max = 1) double b) {
    Layout layout = scores.layout();
    Sparsity low = Sparsity.of(Math.min(a, b));
    Sparsity high = Sparsity.of(Math.max(a, b));
    if (low.keep(layout.size()) < floors(layout, floor)) {
      return; // impossible budgets have their own test
    }
    MaskSet dense = Allocations.globalWithFloor(floor).allocate(scores, low);
    assertThat(dense.kept()).isEqualTo(low.keep(layout.size()));
    dense
        .asMap()
        .forEach(
            (path, mask) ->
                assertThat(mask.kept()).isGreaterThanOrEqualTo(Math.min(floor, mask.size())));
    if (high.keep(layout.size()) >= floors(layout, floor)) {
      MaskSet sparse = Allocations.globalWithFloor(floor).allocate(scores, high);
      assertThat(sparse.isSubsetOf(dense)).isTrue();
    }
  }

  /** Where the plain selection satisfies the floors there is nothing to correct. */
  @Property(tries = 200)
  void floor_thatGlobalAlreadySatisfies_changesNothing(
      @ForAll("scores") Scores scores,
      @ForAll @IntRange(min = 1, max = 4) int floor,
      @ForAll @DoubleRange(min = 0, max = 0.6) double s) {
    Sparsity sparsity = Sparsity.of(s);
    MaskSet plain = Allocations.global().allocate(scores, sparsity);
    boolean satisfied =
        plain.asMap().values().stream().allMatch(m -> m.kept() >= Math.min(floor, m.size()));
    if (satisfied) {
      assertThat(Allocations.globalWithFloor(floor).allocate(scores, sparsity)).isEqualTo(plain);
    }
  }
}
