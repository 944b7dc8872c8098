package org.vpns.allocate;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;
import org.vpns.Layout;
import org.vpns.Scores;

/** Layouts of convolutions, linear layers and odder shapes, and scores on them. */
final class RandomNetworks {
  private RandomNetworks() {}

  /** One to six parameters of up to four dimensions of 1 to 9, seldom one without entries. */
  static Arbitrary<Layout> layouts() {
    Arbitrary<Shape> shape =
        Arbitraries.frequencyOf(
            Tuple.of(30, shapes(4)),
            Tuple.of(30, shapes(2)),
            Tuple.of(6, shapes(3)),
            Tuple.of(3, shapes(1)),
            Tuple.of(1, Arbitraries.of(new Shape(), new Shape(0), new Shape(2, 0))));
    return shape.list().ofMinSize(1).ofMaxSize(6).map(RandomNetworks::layout).withoutEdgeCases();
  }

  private static Arbitrary<Shape> shapes(int dimensions) {
    return Arbitraries.longs()
        .between(1, dimensions == 4 ? 5 : 9)
        .array(long[].class)
        .ofSize(dimensions)
        .map(Shape::new);
  }

  private static Layout layout(List<Shape> shapes) {
    Map<String, Shape> map = new LinkedHashMap<>();
    shapes.forEach(shape -> map.put("t" + map.size(), shape));
    return Layout.of(map);
  }

  /** Scores with many ties, infinities and both zeros, or all different, or all equal. */
  static Scores scores(Layout layout, Random random) {
    int kind = random.nextInt(4);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = kind == 0 ? 1 : kind == 1 ? (float) random.nextGaussian() : odd(random);
    }
    return Scores.of(layout, values);
  }

  private static float odd(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> Float.POSITIVE_INFINITY;
      case 1 -> Float.NEGATIVE_INFINITY;
      case 2 -> -0f;
      case 3 -> -Float.MAX_VALUE;
      default -> random.nextInt(5) - 2;
    };
  }
}
