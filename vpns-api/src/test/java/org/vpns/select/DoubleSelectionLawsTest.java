package org.vpns.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;

/** Scores made of doubles: selected as a stable sort of the doubles selects, and as floats. */
final class DoubleSelectionLawsTest {
  private static final double[] AWKWARD = {
    0.0,
    -0.0,
    1,
    -1,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1e300,
    1e-300,
    1 + 1e-15,
    1 - 1e-16
  };

  private static double[] values(int size, Random random) {
    double[] values = new double[size];
    int kind = random.nextInt(4);
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (kind) {
            case 0 -> random.nextGaussian();
            // many doubles of one float
            case 1 -> 1 + random.nextInt(1000) * 1e-14;
            case 2 -> AWKWARD[random.nextInt(AWKWARD.length)];
            default -> random.nextInt(3);
          };
    }
    return values;
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void largest_ofDoubles_isAStableSortOfThem_andAgreesWithTheFloats(@ForAll long seed) {
    Random random = new Random(seed);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    int tensors = 1 + random.nextInt(3);
    for (int i = 0; i < tensors; i++) {
      shapes.put("t" + i, new Shape(random.nextInt(200)));
    }
    Layout layout = Layout.of(shapes);
    double[] values = values(layout.size(), random);
    Selection.Order order = Selection.Order.values()[random.nextInt(2)];
    List<TensorGroup> groups = groups(layout, random);
    MaskSet masks = Selection.largest(Scores.of(layout, values.clone()), groups, order);
    boolean[] expected = new boolean[values.length];
    for (TensorGroup group : groups) {
      List<Integer> positions = new ArrayList<>();
      for (int t : group.tensors()) {
        for (int i = layout.offset(t); i < layout.offset(t + 1); i++) {
          positions.add(i);
        }
      }
      positions.sort(
          Comparator.comparingDouble(
              i -> order == Selection.Order.VALUE ? -values[i] + 0.0 : -Math.abs(values[i]) + 0.0));
      positions.stream().limit(group.keep()).forEach(i -> expected[i] = true);
    }
    for (int t = 0; t < tensors; t++) {
      for (int i = 0; i < layout.size(t); i++) {
        assertThat(masks.get("t" + t).isKept(i)).isEqualTo(expected[layout.offset(t) + i]);
      }
    }
    if (order == Selection.Order.VALUE) {
      float[] narrowed = Scores.of(layout, values).values();
      assertThat(Selection.largest(Scores.of(layout, narrowed), groups, order)).isEqualTo(masks);
    }
  }

  private static List<TensorGroup> groups(Layout layout, Random random) {
    if (random.nextBoolean()) {
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < layout.tensors(); i++) {
        all.add(i);
      }
      return List.of(new TensorGroup(all, random.nextInt(layout.size() + 1)));
    }
    List<TensorGroup> groups = new ArrayList<>();
    for (int i = 0; i < layout.tensors(); i++) {
      groups.add(new TensorGroup(List.of(i), random.nextInt(layout.size(i) + 1)));
    }
    return groups;
  }

  @Test
  void largest_ofDoublesWithNaN_namesIt() {
    Layout layout = Layout.of(Map.of("w", new Shape(3)));
    // an infinity's upper bits and a NaN's may be the same: both kinds of NaN are found
    for (long bits : new long[] {0x7ff8000000000000L, 0xfff8000000000000L, 0x7ff0000000000001L}) {
      double[] values = {1, 2, Double.longBitsToDouble(bits)};
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  Selection.largest(
                      Scores.of(layout, values),
                      List.of(new TensorGroup(List.of(0), 1)),
                      Selection.Order.VALUE))
          .withMessageStartingWith("score is not a number: w[2];");
    }
  }

  @Test
  void largest_ofMoreThanThereAre_isRefused() {
    Layout layout = Layout.of(Map.of("w", new Shape(3)));
    double[] values = new double[3];
    Arrays.fill(values, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Selection.largest(
                    Scores.of(layout, values),
                    List.of(new TensorGroup(List.of(0), 4)),
                    Selection.Order.VALUE))
        .withMessageStartingWith("budget impossible: Selection, 1 parameters;");
  }
}
