package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.testing.Engines;

/** What is said of files that run otherwise than they are written. */
final class OpenedNotesTest {
  private static final float[] X = {2, 4, 6, 8, 10, 12};

  /** The image (2) by as many numbers as the input has. */
  private static GraphProto.Builder byItsSize(long batch) {
    return graph(batch, 2)
        .addNode(node("Shape", List.of("x"), List.of("s")))
        .addNode(node("Cast", List.of("s"), List.of("f"), number("to", 1)))
        .addNode(node("ReduceProd", List.of("f"), List.of("p"), number("keepdims", 0)))
        .addNode(node("Div", List.of("x", "p"), List.of("y")));
  }

  private static List<String> notes(GraphProto.Builder graph, double... expected)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxNetwork network =
          OnnxNetwork.of(Models.file(13, graph), manager, OnnxOptions.keeping(name -> false));
      float[] found = Engines.evaluate(network.block(), X, new Shape(3, 2));
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i]).isEqualTo((float) expected[i]);
      }
      return network.notes();
    }
  }

  /** Three images at once are divided by 6 in the file: each would hang on how many they are. */
  @Test
  void openBatch_thatImagesHangOn_isOpenedFromOneImage_andTold() throws IOException {
    assertThat(notes(byItsSize(-1), 1, 2, 3, 4, 5, 6))
        .singleElement()
        .asString()
        .startsWith(
            "The batch is declared open, but what the file gives an image hangs on how many");
  }

  /** Images in pairs, as a reshape by a number of images from Python holds them. */
  @Test
  void openBatch_ofAFileMadeWithTwoImages_isOpenedFromTwo_andTold() throws IOException {
    GraphProto.Builder made =
        graph(-1, 2)
            .addNode(node("Reshape", List.of("x", "s"), List.of("r")))
            .addNode(node("Reshape", List.of("r", "t"), List.of("q")))
            .addNode(node("Add", List.of("x", "q"), List.of("y")))
            .addInitializer(Models.longs("s", 2, 1, 2))
            .addInitializer(Models.longs("t", 2, -1));
    assertThat(notes(made, 4, 8, 12, 16, 20, 24))
        .singleElement()
        .asString()
        .endsWith("it is opened from 2 images, so that each gets what it gets alone.");
  }

  @Test
  void batchThatTheFileDeclares_orThatNothingHangsOn_isNotTold() throws IOException {
    assertThat(notes(byItsSize(1), 1, 2, 3, 4, 5, 6)).isEmpty();
    assertThat(notes(graph(-1, 2).addNode(node("Neg", List.of("x"), List.of("y"))), -2, -4))
        .isEmpty();
  }
}
