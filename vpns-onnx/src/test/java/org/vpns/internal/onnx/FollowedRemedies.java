package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.node;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/** A refusal, and what the network computes once its remedy is followed. */
abstract class FollowedRemedies {
  static final List<String> X = List.of("x");
  static final List<String> Y = List.of("y");

  @TempDir Path folder;

  Path write(GraphProto.Builder graph) throws IOException {
    return write(Models.model(17, graph));
  }

  Path write(ModelProto.Builder model) throws IOException {
    return Files.write(Files.createTempFile(folder, "some", ".onnx"), model.build().toByteArray());
  }

  Path resource(String name) throws IOException {
    Path file = folder.resolve(Path.of(name).getFileName());
    try (var in = FollowedRemedies.class.getResourceAsStream(name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  static void assertRefused(String what, String remedy, Path file, Shape... perImage) {
    assertThatThrownBy(() -> Onnx.read(file, perImage).close())
        .hasMessageStartingWith(what + ": ")
        .hasMessageContaining(file.getFileName().toString())
        .hasMessageContaining("; expected ")
        .hasMessageEndingWith("; " + remedy + ".");
  }

  /** What the network of a file makes of images with these values. */
  static void assertGives(Path file, Shape images, float[] x, double... expected)
      throws IOException {
    Shape[] perImage = {images.slice(1)};
    try (Model model = Onnx.read(file, perImage)) {
      float[] found = Engines.evaluate(model.getBlock(), x, images);
      assertThat(found).hasSize(expected.length);
      for (int i = 0; i < found.length; i++) {
        // seven digits of sums of a few numbers below 10
        assertThat((double) found[i]).isEqualTo(expected[i], Offset.offset(1e-5));
      }
    }
  }

  static GraphProto.Builder single(Shape input, NodeProto node, TensorProto... initialisers) {
    return graph(input.getShape()).addNode(node).addAllInitializer(List.of(initialisers));
  }

  static NodeProto on(String operator, List<String> more, AttributeProto... attributes) {
    return node(operator, Stream.concat(X.stream(), more.stream()).toList(), Y, attributes);
  }

  static TensorProto ones(String name, long... shape) {
    Shape all = new Shape(shape);
    float[] values = new float[(int) all.size()];
    Arrays.fill(values, 1);
    return floats(name, all, values);
  }
}
