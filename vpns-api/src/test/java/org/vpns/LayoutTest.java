package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final Layout LAYOUT =
      Layout.of(
          ImmutableMap.of(
              "conv1.weight", new Shape(8, 3, 3, 3),
              "empty.weight", new Shape(0, 4),
              "fc.weight", new Shape(20, 16)));

  @Test
  void offsets_countFromTheFirstTensorOn() {
    assertThat(LAYOUT.tensors()).isEqualTo(3);
    assertThat(LAYOUT.size()).isEqualTo(216 + 320);
    assertThat(LAYOUT.offset(0)).isZero();
    assertThat(LAYOUT.offset(1)).isEqualTo(216);
    assertThat(LAYOUT.offset(2)).isEqualTo(216);
    assertThat(LAYOUT.offset(3)).isEqualTo(536);
    assertThat(LAYOUT.size(1)).isZero();
    assertThat(LAYOUT.size(2)).isEqualTo(320);
    assertThat(LAYOUT).hasToString("3 tensors, 536 entries");
  }

  @Test
  void paths_areInTheMapsOrder() {
    assertThat(LAYOUT.paths()).containsExactly("conv1.weight", "empty.weight", "fc.weight");
    assertThat(LAYOUT.path(2)).isEqualTo("fc.weight");
    assertThat(LAYOUT.shape(2)).isEqualTo(new Shape(20, 16));
    assertThat(LAYOUT.indexOf("fc.weight")).isEqualTo(2);
    assertThat(LAYOUT.contains("fc.bias")).isFalse();
  }

  @Test
  void layout_isACopyAndComparedByContentInOrder() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("a", new Shape(2));
    shapes.put("b", new Shape(2));
    Layout layout = Layout.of(shapes);
    shapes.remove("b");
    assertThat(layout)
        .isEqualTo(Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(2))))
        .hasSameHashCodeAs(Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(2))))
        .isNotEqualTo(Layout.of(ImmutableMap.of("b", new Shape(2), "a", new Shape(2))))
        .isNotEqualTo(Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(1, 2))));
    assertThat(Layout.of(Map.of()).size()).isZero();
  }

  @Test
  void indexOf_anUnknownPath_namesTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LAYOUT.indexOf("fc"))
        .withMessage(
            "no such prunable parameter: 'fc'; expected one of [conv1.weight, empty.weight,"
                + " fc.weight], found fc; check the path.");
  }

  @Test
  void layout_beyondTheRangeOfAnInt_isRefused() {
    Shape half = new Shape(1L << 30);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of(ImmutableMap.of("a", half, "b", half)))
        .withMessage(
            "too many prunable weights: b; expected at most 2147483647 in all, found 2147483648;"
                + " prune fewer parameters: see ParameterFilter.except.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of(Map.of("a", new Shape(-1, 3))))
        .withMessageContaining("an unknown dimension");
  }
}
