package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        .hasMessageEndingWith("; pass it: Onnx.read(file, " + shapes + ").");
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
  void sizesOfOtherInputs_areAskedForTogether() throws IOException {
    readsWithWhatTheRefusalSays(
        Models.graph(-1, -1, 3)
            .addInput(Models.port("h", -1, 1, 3))
            .addNode(Models.node("Add", List.of("x", "h"), List.of("y"))),
        "new Shape(16, 3), new Shape(1, 3)");
  }
}
