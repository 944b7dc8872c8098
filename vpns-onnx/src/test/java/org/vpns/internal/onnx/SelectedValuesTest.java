package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.FLOAT;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** Nodes with outputs of several types: largest values and their places, dropout and its mask. */
final class SelectedValuesTest {
  private static final Shape ROWS = new Shape(2, 5);
  // ties in both rows
  private static final float[] X = {1, 4, 0, 4, 2, -3, -3, 7, 7, 7};

  @TempDir Path folder;

  /** A network on images (N, 5). */
  private Model read(int opset, GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("selected.onnx");
    Files.write(file, Models.model(opset, graph).build().toByteArray());
    return Onnx.read(file);
  }

  private static GraphProto.Builder rows(NodeProto... nodes) {
    return Models.graph(-1, 5).addAllNode(List.of(nodes));
  }

  private float[] run(int opset, GraphProto.Builder graph) throws IOException {
    Path again = folder.resolve("again.onnx");
    float[] result;
    try (Model model = read(opset, graph)) {
      result = Engines.forward(model.getBlock(), X, ROWS, false);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    try (Model model = Onnx.read(again)) {
      assertThat(Engines.forward(model.getBlock(), X, ROWS, false)).isEqualTo(result);
    }
    return result;
  }

  private static NodeProto top(List<String> inputs, AttributeProto... attributes) {
    return node("TopK", inputs, List.of("v", "i"), attributes);
  }

  /** Places, then values: 10 times the one plus the other. */
  private static NodeProto[] both(NodeProto top) {
    return new NodeProto[] {
      top,
      node("Cast", List.of("i"), List.of("f"), number("to", FLOAT)),
      node("Add", List.of("f", "f"), List.of("f2")),
      node("Concat", List.of("v", "f2"), List.of("y"), number("axis", 1))
    };
  }

  @Test
  void topK_ofEachOperatorSet_givesValuesAndTheFirstOfEqualPlaces() throws IOException {
    // values of both rows, then twice their places
    float[] largest = {4, 4, 2, 2, 6, 8, 7, 7, 7, 4, 6, 8};
    assertThat(run(9, rows(both(top(List.of("x"), number("k", 3)))))).containsExactly(largest);
    assertThat(run(10, rows(both(top(List.of("x", "k")))).addInitializer(longs("k", 3))))
        .containsExactly(largest);
    NodeProto named =
        top(List.of("x", "k"), number("axis", 1), number("largest", 1), number("sorted", 0));
    assertThat(run(17, rows(both(named)).addInitializer(longs("k", 3)))).containsExactly(largest);
    NodeProto smallest = top(List.of("x", "k"), number("largest", 0));
    assertThat(run(11, rows(both(smallest)).addInitializer(longs("k", 2))))
        .containsExactly(0, 1, 4, 0, -3, -3, 0, 2);
  }

  @Test
  void topK_ofPlacesAlone_isReadToo() throws IOException {
    NodeProto top = node("TopK", List.of("x", "k"), List.of("", "i"));
    NodeProto cast = node("Cast", List.of("i"), List.of("y"), number("to", FLOAT));
    assertThat(run(17, rows(top, cast).addInitializer(longs("k", 2)))).containsExactly(1, 3, 2, 3);
  }

  @Test
  void topK_ofAFixedBatch_isOpened() throws IOException {
    GraphProto.Builder graph =
        Models.graph(1, 5)
            .addNode(top(List.of("x", "k")))
            .addNode(node("Reshape", List.of("v", "shape"), List.of("y")))
            .addInitializer(longs("k", 2))
            .addInitializer(longs("shape", 1, 2));
    assertThat(run(17, graph)).containsExactly(4, 4, 7, 7);
  }

  @Test
  void topK_amongImages_isRefused() {
    GraphProto.Builder graph =
        rows(node("TopK", List.of("x", "k"), List.of("y", ""), number("axis", 0)))
            .addInitializer(longs("k", 1));
    assertThatThrownBy(() -> read(17, graph)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void topK_ofMoreThanThereAre_isRefusedWithItsNode() {
    GraphProto.Builder graph = rows(both(top(List.of("x", "k")))).addInitializer(longs("k", 6));
    assertThatThrownBy(() -> read(17, graph))
        .hasMessageContaining("more values asked for than there are")
        .hasMessageContaining("node 0, TopK; expected 1 to 5 along axis 1, found 6");
  }

  @Test
  void dropoutMask_thatIsRead_isTrueInEvaluationAndTellsWhatStaysInTraining() throws IOException {
    GraphProto.Builder graph =
        rows(
            node("Dropout", List.of("x"), List.of("d", "m")),
            node("Cast", List.of("m"), List.of("f"), number("to", FLOAT)),
            node("Concat", List.of("d", "f"), List.of("y"), number("axis", 1)));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = read(13, graph)) {
      OnnxBlock interpreted = Models.block(Models.file(13, graph), manager);
      for (var block : List.of(model.getBlock(), interpreted)) {
        assertThat(Engines.forward(block, X, ROWS, false))
            .containsExactly(1, 4, 0, 4, 2, 1, 1, 1, 1, 1, -3, -3, 7, 7, 7, 1, 1, 1, 1, 1);
        boolean dropped = false;
        // a pass of ten values drops none with probability 2^-10
        for (int pass = 0; pass < 20; pass++) {
          float[] y = Engines.forward(block, X, ROWS, true);
          for (int i = 0; i < X.length; i++) {
            int at = i / 5 * 10 + i % 5;
            assertThat(y[at + 5]).isIn(0f, 1f);
            assertThat(y[at]).isEqualTo(2 * X[i] * y[at + 5]);
            dropped |= y[at + 5] == 0;
          }
        }
        assertThat(dropped).isTrue();
      }
    }
  }

  @Test
  void placesOfMaxima_thatAreRead_areRefusedInWords() {
    GraphProto.Builder graph =
        Models.graph(-1, 1, 4, 4)
            .addNode(
                node("MaxPool", List.of("x"), List.of("v", "i"), numbers("kernel_shape", 2, 2)))
            .addNode(node("Cast", List.of("i"), List.of("y"), number("to", FLOAT)));
    assertThatThrownBy(() -> read(17, graph))
        .hasMessageContaining("positions of maxima not supported")
        .hasMessageContaining("node 0, MaxPool")
        .hasMessageContaining("MaxUnpool");
  }
}
