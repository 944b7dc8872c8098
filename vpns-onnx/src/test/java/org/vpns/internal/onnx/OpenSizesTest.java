package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;

/** Files that leave sizes of their inputs open, read as the refusal says. */
final class OpenSizesTest {
  private static final Pattern SHAPE = Pattern.compile("new Shape\\(([\\d, ]+)\\)");

  @TempDir Path folder;

  private void readsWithWhatTheRefusalSays(GraphProto.Builder graph, String shapes)
      throws IOException {
    Path file = FixedFiles.write(folder, graph);
    IllegalArgumentException refusal =
        catchThrowableOfType(IllegalArgumentException.class, () -> Onnx.read(file));
    assertThat(refusal)
        .hasMessageStartingWith("size of images left open: " + file)
        .hasMessageEndingWith("; pass it, for example Onnx.read(file, " + shapes + ").");
    Shape[] given =
        SHAPE
            .matcher(shapes)
            .results()
            .map(found -> found.group(1).split(", "))
            .map(sizes -> new Shape(Arrays.stream(sizes).mapToLong(Long::parseLong).toArray()))
            .toArray(Shape[]::new);
    try (Model model = Onnx.read(file, given)) {
      GraphBlock block = (GraphBlock) model.getBlock();
      assertThat(block.graph().inputs()).hasSameSizeAs(given);
    }
  }

  @Test
  void sizesOfMaps_areAskedForWithTheChannelsOfTheFile() throws IOException {
    readsWithWhatTheRefusalSays(
        Models.graph(-1, 1, -1, -1).addNode(Models.node("Relu", List.of("x"), List.of("y"))),
        "new Shape(1, 224, 224)");
    readsWithWhatTheRefusalSays(
        Models.graph(-1, -1, -1, -1).addNode(Models.node("Relu", List.of("x"), List.of("y"))),
        "new Shape(3, 224, 224)");
    readsWithWhatTheRefusalSays(
        Models.graph(-1, -1, -1, 3).addNode(Models.node("Relu", List.of("x"), List.of("y"))),
        "new Shape(224, 224, 3)");
  }

  @Test
  void sizesThatTheFileTells_needNotBeGiven() throws IOException {
    Path file =
        FixedFiles.write(
            folder,
            Models.graph(-1, 1, -1, -1).addNode(Models.node("Relu", List.of("x"), List.of("y"))));
    try (Model model = Onnx.read(file, new Shape(-1, 6, 8))) {
      GraphBlock block = (GraphBlock) model.getBlock();
      assertThat(block.graph().tensor(block.graph().inputs().get(0)).shape())
          .isEqualTo(new Shape(-1, 1, 6, 8));
    }
    for (Shape open : List.of(new Shape(1, 6, -1), new Shape(-1, 6))) {
      assertThatThrownBy(() -> Onnx.read(file, open))
          .hasMessageStartingWith("size of images left open: " + file);
    }
  }

  /** As coordinates and class tokens are, in files of an open batch. */
  @ParameterizedTest
  @CsvSource({"Expand, INITIALIZER", "Tile, INITIALIZER", "Expand, CONSTANT", "Tile, CONSTANT"})
  void arrayRepeatedForEveryImage_isReadForAnyNumber(String operator, String kind)
      throws IOException {
    TensorProto token = Models.floats("token", new Shape(1, 1, 2), 5, 6);
    GraphProto.Builder graph =
        Models.graph(-1, 1, 2)
            .addNode(Models.node("Shape", List.of("x"), List.of("all")))
            .addNode(Models.node("Gather", List.of("all", "zero"), List.of("n")))
            .addNode(
                Models.node(
                    "Concat", List.of("n", "one", "one"), List.of("c"), Models.number("axis", 0)))
            .addNode(Models.node(operator, List.of("token", "c"), List.of("t")))
            .addNode(
                Models.node("Concat", List.of("x", "t"), List.of("y"), Models.number("axis", 1)))
            .addInitializer(Models.longs("zero", 0))
            .addInitializer(Models.longs("one", 1));
    if (kind.equals("CONSTANT")) {
      graph.addNode(0, OnnxParametersTest.constant(token));
    } else {
      graph.addInitializer(token);
    }
    Path file = FixedFiles.write(folder, graph);
    try (Model model = Onnx.read(file);
        NDManager manager = NDManager.newBaseManager()) {
      for (int images = 1; images <= 5; images++) {
        NDArray x = manager.arange(2f * images).reshape(images, 1, 2);
        NDArray y =
            model
                .getBlock()
                .forward(new ParameterStore(manager, false), new NDList(x), false)
                .singletonOrThrow();
        NDArray tokens = manager.create(new float[] {5, 6}).broadcast(images, 1, 2);
        assertThat(y).isEqualTo(x.concat(tokens, 1));
      }
    }
  }

  @Test
  void sizesOfOtherInputs_areAskedForTogether() throws IOException {
    readsWithWhatTheRefusalSays(
        Models.graph(-1, -1, 3)
            .addInput(Models.port("h", -1, 1, 3))
            .addNode(Models.node("Add", List.of("x", "h"), List.of("y"))),
        "new Shape(16, 3), new Shape(1, 3)");
  }
}
