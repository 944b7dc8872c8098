package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Recurrent layers whose attributes and weights disagree. */
final class RecurrentOperatorsTest {
  private static final List<String> Y = List.of("y");

  @Test
  void hiddenSize_thatIsNotThatOfTheWeights_isRefused() {
    Shape shape = new Shape(2, 1, 1);
    for (int size : new int[] {1, 2}) {
      NodeProto layer = node("GRU", List.of("x", "w", "r"), Y, number("hidden_size", size));
      OnnxFile file =
          single(
              14,
              shape,
              layer,
              floats("w", new Shape(1, 3, 1), 0, 0, 0),
              floats("r", new Shape(1, 3, 1), 0, 0, 0));
      if (size == 1) {
        check(Models.run(file, shape, 5, 6), new Shape(2, 1, 1, 1), 0, 0);
      } else {
        assertThatThrownBy(() -> Models.run(file, shape, 5, 6))
            .hasMessageStartingWith("'hidden_size' does not fit the weights")
            .hasMessageContaining("expected 1, found 2;");
      }
    }
  }
}
