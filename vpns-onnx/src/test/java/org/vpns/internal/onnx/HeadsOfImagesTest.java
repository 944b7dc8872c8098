package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

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

  /** Behind positions that come first, images have no axis of the result that tells them apart. */
  @Test
  void result_whoseImagesLieBehindOtherNumbersOfAnAxis_isRefused_andReadAtItsBatch()
      throws IOException {
    Path file =
        write(
            Models.graph(1, 2, 3)
                .addNode(node("Transpose", List.of("x"), List.of("t"), numbers("perm", 1, 0, 2)))
                .addNode(node("Reshape", List.of("t", "flat"), Y))
                .addInitializer(longs("flat", 1, 6)));
    assertRefused(
        "fixed batch cannot be opened",
        "export the model with an open batch (dynamic_axes), or read it for batches of 1 alone:"
            + " Onnx.open(file).batch(1).read()",
        file);
    float[] x = {1, 2, 3, 4, 5, 6};
    try (Model model = Onnx.open(file).batch(1).read()) {
      assertThat(Engines.evaluate(model.getBlock(), x, new Shape(1, 2, 3))).containsExactly(x);
    }
  }
}
