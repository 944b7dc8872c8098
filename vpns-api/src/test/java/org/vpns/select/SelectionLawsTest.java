package org.vpns.select;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.select.Selection.Order;

/** Selection against a sorted list, on scores full of ties and extremes. */
class SelectionLawsTest {
  private static final List<Float> AWKWARD =
      List.of(
          0f,
          -0f,
          1f,
          -1f,
          0.5f,
          -0.5f,
          Float.MIN_VALUE,
          -Float.MIN_VALUE,
          Float.MIN_NORMAL,
          Math.nextDown(Float.MIN_NORMAL),
          Float.MAX_VALUE,
          -Float.MAX_VALUE,
          Float.POSITIVE_INFINITY,
          Float.NEGATIVE_INFINITY,
          Math.nextUp(1f),
          Math.nextDown(1f));

  /** All floats but NaN. */
  private static Arbitrary<Float> anyBits() {
    return Arbitraries.integers().map(Float::intBitsToFloat).filter(f -> !f.isNaN());
  }

  private static Arbitrary<float[]> values(Arbitrary<Float> element) {
    return element.list().ofMaxSize(200).map(SelectionLawsTest::array);
  }

  private static float[] array(List<Float> list) {
    float[] result = new float[list.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = list.get(i);
    }
    return result;
  }

  /** Only extremes, few levels, one level, arbitrary bits, and a mixture. */
  private static Arbitrary<float[]> allValues() {
    return Arbitraries.oneOf(
        values(Arbitraries.of(AWKWARD)),
        values(Arbitraries.integers().between(-3, 3).map(i -> i / 4f)),
        Arbitraries.of(AWKWARD).flatMap(f -> values(Arbitraries.just(f))),
        values(anyBits()),
        values(Arbitraries.oneOf(Arbitraries.of(AWKWARD), anyBits())));
  }

  /** Scores cut into tensors at random places, some of them empty. */
  @Provide
  Arbitrary<Scores> scores() {
    Arbitrary<List<Double>> cuts = Arbitraries.doubles().between(0, 1).list().ofMaxSize(4);
    return Combinators.combine(allValues(), cuts).as(SelectionLawsTest::cut).withoutEdgeCases();
  }

  /** Scores whose doubles are exact: no infinity, nothing subnormal. */
  @Provide
  Arbitrary<Scores> moderateScores() {
    Arbitrary<Float> element =
        Arbitraries.oneOf(
            Arbitraries.integers().between(-6, 6).map(i -> i / 4f),
            Arbitraries.floats().between(-1e30f, 1e30f).filter(f -> Math.abs(f) > 1e-30f));
    Arbitrary<List<Double>> cuts = Arbitraries.doubles().between(0, 1).list().ofMaxSize(4);
    return Combinators.combine(values(element), cuts).as(SelectionLawsTest::cut).withoutEdgeCases();
  }

  private static Scores cut(float[] values, List<Double> cuts) {
    List<Integer> ends = new ArrayList<>();
    cuts.forEach(c -> ends.add((int) (c * values.length)));
    ends.add(values.length);
    ends.sort(Comparator.naturalOrder());
    Map<String, Shape> shapes = new LinkedHashMap<>();
    int start = 0;
    for (int end : ends) {
      shapes.put("t" + shapes.size(), new Shape(end - start));
      start = end;
    }
    return Scores.of(Layout.of(shapes), values);
  }

  /** Tensor i belongs to group i mod count; each group keeps a share of its own. */
  private static List<TensorGroup> groups(Layout layout, int count, double density) {
    List<TensorGroup> result = new ArrayList<>();
    for (int g = 0; g < count; g++) {
      List<Integer> tensors = new ArrayList<>();
      long size = 0;
      for (int i = g; i < layout.tensors(); i += count) {
        tensors.add(i);
        size += layout.size(i);
      }
      result.add(new TensorGroup(tensors, Math.round(size * Math.pow(density, g + 1))));
    }
    return result;
  }

  private static boolean[] flat(MaskSet masks) {
    Layout layout = masks.layout();
    boolean[] kept = new boolean[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      for (int j = 0; j < layout.size(i); j++) {
        kept[layout.offset(i) + j] = masks.get(layout.path(i)).isKept(j);
      }
    }
    return kept;
  }

  /** The definition: sort by (-score, position), keep the first. Adding 0f makes -0 equal to 0. */
  private static boolean[] sorted(Scores scores, List<TensorGroup> groups, Order order) {
    Layout layout = scores.layout();
    boolean[] kept = new boolean[layout.size()];
    for (TensorGroup group : groups) {
      List<Integer> positions = new ArrayList<>();
      for (int t : group.tensors()) {
        for (int i = layout.offset(t); i < layout.offset(t + 1); i++) {
          positions.add(i);
        }
      }
      Comparator<Integer> byScore =
          Comparator.comparing(
              i -> order == Order.VALUE ? scores.get(i) + 0f : Math.abs(scores.get(i)));
      positions.sort(byScore.reversed().thenComparing(Comparator.naturalOrder()));
      positions.stream().limit(group.keep()).forEach(i -> kept[i] = true);
    }
    return kept;
  }

  @Property(tries = 500)
  void selection_ofAnyScores_equalsSorting(
      @ForAll("scores") Scores scores,
      @ForAll Order order,
      @ForAll @IntRange(min = 1, max = 3) int groupCount,
      @ForAll @DoubleRange(min = 0, max = 1) double density) {
    List<TensorGroup> groups = groups(scores.layout(), groupCount, density);
    MaskSet masks = Selection.largest(scores, groups, order);
    assertThat(flat(masks)).isEqualTo(sorted(scores, groups, order));
    assertThat(masks.kept()).isEqualTo(groups.stream().mapToLong(TensorGroup::keep).sum());
  }

  @Property(tries = 500)
  void magnitudes_ofNegatedScores_areSelectedAlike(
      @ForAll("scores") Scores scores, @ForAll @DoubleRange(min = 0, max = 1) double s) {
    float[] negated = scores.values().clone();
    for (int i = 0; i < negated.length; i++) {
      negated[i] = -negated[i];
    }
    assertThat(select(Scores.of(scores.layout(), negated), s, Order.MAGNITUDE))
        .isEqualTo(select(scores, s, Order.MAGNITUDE));
  }

  @Property(tries = 500)
  void selection_ofDoubledScores_isTheSame(
      @ForAll("moderateScores") Scores scores,
      @ForAll Order order,
      @ForAll @DoubleRange(min = 0, max = 1) double s) {
    float[] doubled = scores.values().clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }
    assertThat(select(Scores.of(scores.layout(), doubled), s, order))
        .isEqualTo(select(scores, s, order));
  }

  @Property(tries = 500)
  void masks_whenSparsityRises_nest(
      @ForAll("scores") Scores scores,
      @ForAll Order order,
      @ForAll @DoubleRange(min = 0, max = 1) double a,
      @ForAll @DoubleRange(min = 0, max = 1) double b) {
    MaskSet sparser = select(scores, Math.max(a, b), order);
    MaskSet denser = select(scores, Math.min(a, b), order);
    assertThat(sparser.isSubsetOf(denser)).isTrue();
  }

  private static MaskSet select(Scores scores, double s, Order order) {
    Layout layout = scores.layout();
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < layout.tensors(); i++) {
      all.add(i);
    }
    TensorGroup group = new TensorGroup(all, Sparsity.of(s).keep(layout.size()));
    return Selection.largest(scores, List.of(group), order);
  }
}
