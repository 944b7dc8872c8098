package org.vpns.internal.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.vpns.graph.op.Operator;

/** What goes with a layer's weight must fit it, or a damaged file fails in a pass alone. */
final class LayersTest {
  private static final Shape X = new Shape(-1, 2);
  private static final Shape WEIGHT = new Shape(3, 2);

  private static List<Shape> shapes(Operator operator, @Nullable Shape... inputs) {
    return operator.outputShapes(Arrays.asList(inputs), -1);
  }

  private static void refused(Operator operator, Shape... inputs) {
    assertThatThrownBy(() -> shapes(operator, inputs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputs do not fit the operator");
  }

  @Test
  void linear_takesABiasOfItsOutputsAlone() {
    Operator linear = new Layers.Linear();
    assertThat(shapes(linear, X, WEIGHT, new Shape(3))).containsExactly(new Shape(-1, 3));
    assertThat(shapes(linear, X, WEIGHT, null)).containsExactly(new Shape(-1, 3));
    assertThat(shapes(linear, X, WEIGHT)).containsExactly(new Shape(-1, 3));
    refused(linear, X, WEIGHT, new Shape(2));
    refused(linear, X, WEIGHT, WEIGHT);
  }

  @Test
  void layerNorm_takesScaleAndShiftOfItsAxesAlone() {
    Operator norm = new Layers.LayerNorm(new Shape(2), 1e-5f);
    Shape two = new Shape(2);
    assertThat(shapes(norm, X, two, two)).containsExactly(X);
    refused(norm, X, two, new Shape(3));
    refused(norm, X, new Shape(1), two);
    refused(norm, X, two);
  }

  @Test
  void dropout_ofNoShare_isRefused() {
    assertThat(shapes(new Layers.Dropout(0.5f), X)).containsExactly(X);
    for (float rate : new float[] {255, -0.1f, Float.NaN}) {
      refused(new Layers.Dropout(rate), X);
    }
  }
}
