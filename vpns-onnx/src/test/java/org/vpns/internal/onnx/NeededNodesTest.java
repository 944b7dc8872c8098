package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Nodes that no result follows from, as tools that cut files leave them. */
final class NeededNodesTest extends FollowedRemedies {
  /** Images are added up over, twice, by nodes whose results nobody reads. */
  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 2})
  void nodesWithoutAReader_hinderNothing_andHaveNoParameters(long batch) throws IOException {
    GraphProto.Builder graph =
        graph(batch, 2)
            .addNode(node("CumSum", List.of("x", "axis"), List.of("sum")))
            .addNode(node("Mul", List.of("sum", "unread"), List.of("end")))
            .addNode(node("Mul", List.of("x", "w"), List.of("y")))
            .addInitializer(longs("axis", 0).toBuilder().clearDims())
            .addInitializer(floats("unread", new Shape(2), 5, 6))
            .addInitializer(floats("w", new Shape(2), 2, 3));
    try (Model model = Onnx.read(write(graph))) {
      assertThat(model.getBlock().getParameters().keys()).containsExactly("w");
      assertThat(
              Engines.evaluate(model.getBlock(), new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2)))
          .containsExactly(2, 6, 6, 12, 10, 18);
    }
  }
}
