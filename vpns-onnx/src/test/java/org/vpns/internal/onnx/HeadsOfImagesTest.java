package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.onnx.Onnx;

/**
 * Images that share an axis with heads of attention, and what a file of a fixed batch has for each
 * head of each of its images.
 */
final class HeadsOfImagesTest extends FollowedRemedies {
  @ParameterizedTest
  @CsvSource({
    "1, constant",
    "2, constant",
    "3, constant",
    "1, parameter",
    "2, parameter",
    "3, parameter"
  })
  void valuesOfHeads_areThoseOfEachImage(int batch, String kind) throws IOException {
    assertGives(
        write(FixedFiles.factorsOfHeads(batch, kind)),
        new Shape(4, 2),
        new float[] {1, 2, 3, 4, 5, 6, 7, 8},
        10,
        0,
        40,
        0,
        30,
        0,
        80,
        0,
        50,
        0,
        120,
        0,
        70,
        0,
        160,
        0);
  }

  @Test
  void valuesOfHeads_thatAreOthersForASecondImage_areRefusedByNode() {
    GraphProto.Builder graph = FixedFiles.factorsOfHeads(2, "parameter");
    int last = graph.getInitializerCount() - 1;
    TensorProto.Builder factors = graph.getInitializer(last).toBuilder();
    graph.setInitializer(last, factors.setFloatData(5, 101));
    assertThatThrownBy(() -> Onnx.read(write(graph)).close())
        .hasMessageStartingWith("fixed batch cannot be opened: ")
        .hasMessageContaining("Mul; expected the same for each of the 2 images, found others at");
  }
}
