package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/**
 * One product, made in two orders of addition, and nodes that decide between the two: the engine
 * adds up in another order for another number of images, so on which side a number falls is a
 * matter of rounding, and shows no mixing of images.
 */
final class RoundingDecisionsTest extends FollowedRemedies {
  private static final int WIDTH = 40;
  private static final int OUT = 30;

  private static List<NodeProto> decision(String operator) {
    NodeProto toFloat = node("Cast", List.of("d"), Y, number("to", 1));
    NodeProto ratio = node("Div", List.of("a", "b"), List.of("q"));
    return switch (operator) {
      case "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal" ->
          List.of(
              node(operator, List.of("a", "b"), List.of("d")),
              node("Where", List.of("d", "a", "x30"), Y));
      case "Mod" -> List.of(node("Mod", List.of("a", "b"), Y, number("fmod", 1)));
      case "Sign" -> List.of(node("Sub", List.of("a", "b"), List.of("q")), on(operator, "q"));
      case "Cast" ->
          List.of(ratio, node("Cast", List.of("q"), List.of("d"), number("to", 6)), toFloat);
      case "ArgMax" ->
          List.of(
              node("Unsqueeze", List.of("a", "one"), List.of("a1")),
              node("Unsqueeze", List.of("b", "one"), List.of("b1")),
              node("Concat", List.of("a1", "b1"), List.of("ab"), number("axis", 1)),
              node("ArgMax", List.of("ab"), List.of("d"), number("axis", 1)),
              toFloat);
      default -> List.of(ratio, on(operator, "q"));
    };
  }

  private static NodeProto on(String operator, String input) {
    return node(operator, List.of(input), Y);
  }

  private static GraphProto.Builder product(long batch, String operator) {
    float[] weights = new float[WIDTH * OUT];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Math.sin(i);
    }
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(node("MatMul", List.of("x", "w"), List.of("a")));
    nodes.add(node("Unsqueeze", List.of("x", "two"), List.of("u")));
    nodes.add(node("Mul", List.of("u", "w"), List.of("m")));
    nodes.add(node("ReduceSum", List.of("m", "one"), List.of("b"), number("keepdims", 0)));
    nodes.add(node("Slice", List.of("x", "from", "to", "one"), List.of("x30")));
    nodes.addAll(decision(operator));
    return graph(batch, WIDTH)
        .addAllNode(nodes)
        .addInitializer(floats("w", new Shape(WIDTH, OUT), weights))
        .addInitializer(longs("one", 1))
        .addInitializer(longs("two", 2))
        .addInitializer(longs("from", 0))
        .addInitializer(longs("to", OUT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "Equal",
        "Mod",
        "Sign",
        "Cast",
        "ArgMax",
        "Floor",
        "Ceil",
        "Round"
      })
  void decision_betweenWhatIsEqualButForRounding_isRead(String operator) throws IOException {
    for (long batch : new long[] {-1, 1, 2}) {
      try (Model model = Onnx.read(write(product(batch, operator)))) {
        float[] x = new float[3 * WIDTH];
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) Math.cos(i);
        }
        assertThat(Engines.evaluate(model.getBlock(), x, new Shape(3, WIDTH)))
            .as("batch %d", batch)
            .hasSize(3 * OUT);
      }
    }
  }
}
