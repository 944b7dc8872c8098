package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OrtFile;
import org.vpns.testing.Engines;

/**
 * Files whose images change each other, with sizes that are multiples or parts of their batch: read
 * as the refusal says, they give what ONNX Runtime gives.
 */
final class FollowedBatchTest {
  private static final Pattern REMEDY =
      Pattern.compile(
          "; export .*, or read it for batches of (\\d+) alone: "
              + "Onnx\\.open\\(file\\)\\.batch\\((\\d+)\\)\\.read\\(\\)\\.");

  @TempDir Path folder;

  /** On images (batch, 2, 6): all that follows is the batch or a multiple of it. */
  private static GraphProto.Builder mixing(String kind, int batch) {
    GraphProto.Builder graph = graph(batch, 2, 6);
    return switch (kind) {
      case "softmax" ->
          graph.addNode(node("Softmax", List.of("x"), List.of("y"), number("axis", 0)));
      case "halves" ->
          graph
              .addNode(node("Reshape", List.of("x", "pairs"), List.of("r")))
              .addNode(node("Softmax", List.of("r"), List.of("y"), number("axis", 1)))
              .addInitializer(longs("pairs", batch / 2, 24));
      case "rows" ->
          graph
              .addNode(node("Reshape", List.of("x", "rows"), List.of("r")))
              .addNode(node("ReduceMax", List.of("r"), List.of("m"), numbers("axes", 0)))
              .addNode(node("Sub", List.of("r", "m"), List.of("y")))
              .addInitializer(longs("rows", 4L * batch, 3));
      case "turned" ->
          graph
              .addNode(node("Transpose", List.of("x"), List.of("t"), numbers("perm", 1, 0, 2)))
              .addNode(node("Reshape", List.of("t", "rows"), List.of("r")))
              .addNode(node("Add", List.of("r", "x"), List.of("y")))
              .addInitializer(longs("rows", batch, 2, 6));
      default ->
          graph
              .addNode(node("Reshape", List.of("x", "rows"), List.of("r")))
              .addNode(node("Transpose", List.of("r"), List.of("t")))
              .addNode(node("MatMul", List.of("t", "r"), List.of("p")))
              .addNode(node("MatMul", List.of("r", "p"), List.of("y")))
              .addInitializer(longs("rows", 2L * batch, 6));
    };
  }

  @ParameterizedTest
  @CsvSource({
    "softmax, 2",
    "softmax, 6",
    "halves, 2",
    "halves, 4",
    "rows, 2",
    "rows, 3",
    "rows, 6",
    "turned, 2",
    "turned, 3",
    "turned, 6",
    "products, 2",
    "products, 3",
    "products, 12"
  })
  void file_thatMixesItsImages_isReadAsItsRefusalSays(String kind, int batch) throws IOException {
    Path file = FixedFiles.write(folder, mixing(kind, batch));
    Throwable refusal = catchThrowable(() -> Onnx.read(file).close());
    assertThat(refusal).isInstanceOf(IllegalArgumentException.class);
    assertThat(refusal.getMessage()).contains(": " + file + ", node ");
    Matcher remedy = REMEDY.matcher(refusal.getMessage());
    assertThat(remedy.find()).as(refusal.getMessage()).isTrue();
    assertThat(remedy.group(1)).isEqualTo(remedy.group(2));
    Shape shape = new Shape(batch, 2, 6);
    float[] x = new float[batch * 12];
    double[] same = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 7 % 11 - 5) / 4f;
      same[i] = x[i];
    }
    double[] expected;
    try (OrtFile runtime = OrtFile.open(file)) {
      expected =
          runtime.run(List.of(new OrtFile.Values(shape, DataType.FLOAT32, same))).get(0).numbers();
    }
    Path again = folder.resolve("again.onnx");
    try (Model model = Onnx.open(file).batch(Integer.parseInt(remedy.group(2))).read()) {
      assertEqual(model, x, shape, expected);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    try (Model model = Onnx.open(again).batch(batch).read()) {
      assertEqual(model, x, shape, expected);
    }
  }

  private static void assertEqual(Model model, float[] x, Shape shape, double[] expected) {
    float[] found = Engines.evaluate(model.getBlock(), x, shape);
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < found.length; i++) {
      // seven digits of sums of a few numbers below 100
      assertThat((double) found[i]).isEqualTo(expected[i], Offset.offset(1e-4));
    }
  }
}
