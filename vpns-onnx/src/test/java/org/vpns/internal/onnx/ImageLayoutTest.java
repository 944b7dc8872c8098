package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.FLOAT;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.ramp;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.io.FormatException;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.testing.Engines;

/** Files whose images are not floats (channels, height, width), in the manner of Keras. */
final class ImageLayoutTest {
  private static final Shape FIRST = new Shape(2, 3, 4, 6);
  private static final Shape LAST = new Shape(2, 4, 6, 3);

  @TempDir Path folder;

  private static NodeProto turned(String x, String y, long... order) {
    return node("Transpose", List.of(x), List.of(y), numbers("perm", order));
  }

  /** As tf2onnx writes it: axes move around each layer, and back. */
  private static GraphProto.Builder keras(long... input) {
    return Models.graph(input)
        .addNode(turned("x", "x1", 0, 3, 1, 2))
        .addNode(node("Conv", List.of("x1", "kernel"), List.of("c1"), numbers("pads", 1, 1, 1, 1)))
        .addNode(turned("c1", "c", 0, 2, 3, 1))
        .addNode(node("Add", List.of("c", "bias"), List.of("b")))
        .addNode(node("Relu", List.of("b"), List.of("r")))
        .addNode(turned("r", "r1", 0, 3, 1, 2))
        .addNode(
            node(
                "MaxPool",
                List.of("r1"),
                List.of("p1"),
                numbers("kernel_shape", 2, 2),
                numbers("strides", 2, 2)))
        .addNode(turned("p1", "p", 0, 2, 3, 1))
        .addNode(node("Reshape", List.of("p", "flat"), List.of("f")))
        .addNode(node("MatMul", List.of("f", "dense"), List.of("y")))
        .addInitializer(ramp("kernel", new Shape(5, 3, 3, 3)))
        .addInitializer(floats("bias", new Shape(5), 0.5f, -1, 2, 0.25f, 0))
        .addInitializer(longs("flat", -1, 30))
        .addInitializer(ramp("dense", new Shape(30, 4)));
  }

  private Path file(GraphProto.Builder graph) throws IOException {
    return file(Models.model(13, graph));
  }

  private Path file(ModelProto.Builder model) throws IOException {
    return Files.write(folder.resolve("keras.onnx"), model.build().toByteArray());
  }

  private static float[] images() {
    float[] values = new float[(int) FIRST.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 144 - 72) / 50f;
    }
    return values;
  }

  /** The same images, channels last. */
  private static float[] imagesLast() {
    float[] values = new float[(int) FIRST.size()];
    for (int i = 0; i < values.length; i++) {
      int channel = i / 24 % 3;
      values[i / 72 * 72 + i % 24 * 3 + channel] = images()[i];
    }
    return values;
  }

  /** Arrays that lie otherwise in memory are added up in another order: units in the last place. */
  private static void assertTakesChannelsFirst(Model model, float[] expected) {
    assertThat(Engines.forward(model.getBlock(), images(), FIRST, false))
        .containsExactly(expected, Offset.offset(1e-4f));
    GraphBlock block = (GraphBlock) model.getBlock();
    int input = block.graph().inputs().get(0);
    assertThat(block.graph().tensor(input).shape()).isEqualTo(new Shape(-1, 3, 4, 6));
  }

  @Test
  void channelsLast_ofAFileOfKeras_givesANetworkOfChannelsFirst() throws IOException {
    Path file = file(keras(-1, 4, 6, 3));
    float[] expected;
    try (Model model = Onnx.read(file)) {
      expected = Engines.forward(model.getBlock(), imagesLast(), LAST, false);
    }
    assertThat(expected).hasSize(8).doesNotHaveDuplicates();
    try (Model model = Onnx.open(file).channelsLast().read()) {
      assertTakesChannelsFirst(model, expected);
      assertThat(((GraphBlock) model.getBlock()).graph().parameters().stream().map(p -> p.path()))
          .containsExactly("kernel", "bias", "dense");
    }
    Path fixed = file(keras(1, 4, 6, 3));
    try (Model model = Onnx.open(fixed).channelsLast().read()) {
      assertTakesChannelsFirst(model, expected);
    }
    Path open = file(keras(-1, -1, -1, 3));
    try (Model model = Onnx.open(open).channelsLast().images(new Shape(3, 4, 6)).read()) {
      assertTakesChannelsFirst(model, expected);
    }
  }

  @Test
  void imagesOfChannelsFirst_forAFileOfKeras_areRefusedWithTheOptionThatTurnsThem()
      throws IOException {
    Path file = file(keras(-1, 4, 6, 3));
    assertThat(OnnxReader.read(file).layoutNotes())
        .singleElement()
        .asString()
        .contains("Input 'x' (-1, 4, 6, 3) has its channels last")
        .contains("Onnx.open(file).channelsLast().read()");
    try (Model model = Onnx.read(file)) {
      assertThatThrownBy(() -> Engines.forward(model.getBlock(), images(), FIRST, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("images with their channels first for a network that has them last")
          .hasMessageContaining("expected (-1, 4, 6, 3), found (2, 3, 4, 6)")
          .hasMessageContaining("Onnx.open(file).channelsLast().read()");
    }
    Path usual =
        file(
            Models.graph(-1, 3, 4, 6)
                .addNode(node("Conv", List.of("x", "kernel"), List.of("y")))
                .addInitializer(ramp("kernel", new Shape(5, 3, 3, 3))));
    assertThat(OnnxReader.read(usual).layoutNotes()).isEmpty();
  }

  @Test
  void channelsLast_withoutMaps_isRefused() throws IOException {
    Path file = file(Models.graph(-1, 4).addNode(node("Relu", List.of("x"), List.of("y"))));
    assertThatThrownBy(() -> Onnx.open(file).channelsLast().read())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no input of images with channels")
        .hasMessageEndingWith("; leave channelsLast() out.");
    Onnx.open(file).read().close();
    OnnxImport asked = Onnx.open(file).channelsLast().floatInputs();
    assertThatThrownBy(asked::channelsLast).hasMessageContaining("option set twice");
    assertThatThrownBy(asked::floatInputs).hasMessageContaining("option set twice");
  }

  /** Bytes, made floats and divided by 255 by the file itself. */
  private static ModelProto.Builder bytes(int type) {
    GraphProto.Builder graph =
        Models.graph(-1, 3, 4, 6)
            .addNode(node("Cast", List.of("x"), List.of("f"), number("to", FLOAT)))
            .addNode(node("Div", List.of("f", "most"), List.of("d")))
            .addNode(node("Conv", List.of("d", "kernel"), List.of("y")))
            .addInitializer(floats("most", new Shape(), 255))
            .addInitializer(ramp("kernel", new Shape(2, 3, 4, 6)));
    graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(type);
    return Models.model(13, graph);
  }

  @Test
  void inputOfIntegers_isRefusedByAMessageWhoseRemedyWorks() throws IOException {
    for (int type : new int[] {2, 3, 6, Models.INT64}) {
      Path file = file(bytes(type));
      assertThatThrownBy(() -> Onnx.read(file))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("input of a type that images do not have")
          .hasMessageContaining("input 'x'; expected floats")
          .hasMessageContaining("Onnx.open(file).floatInputs().read()");
      float[] expected;
      try (Model model = Onnx.read(file(bytes(FLOAT)))) {
        expected = Engines.forward(model.getBlock(), images(), FIRST, false);
      }
      try (Model model = Onnx.open(file(bytes(type))).floatInputs().read()) {
        // not rounded
        assertThat(Engines.forward(model.getBlock(), images(), FIRST, false)).isEqualTo(expected);
      }
    }
  }
}
