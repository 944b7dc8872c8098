package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.onnx.Onnx;

/**
 * Files that mix images by conditions and integers that all images of the proof have alike: no
 * number of theirs is above 10, so that nothing of the mixing shows until real images come.
 */
final class HiddenMixingTest extends FollowedRemedies {
  private static final List<String> C = List.of("c");

  /** 0 for every number of an image that a condition meets, the image (4) elsewhere. */
  private static GraphProto.Builder where(long batch, List<NodeProto> condition) {
    return graph(batch, 4)
        .addAllNode(condition)
        .addNode(node("Where", List.of("c", "none", "x"), Y))
        .addInitializer(floats("none", new Shape(), 0))
        .addInitializer(floats("ten", new Shape(), 10))
        .addInitializer(floats("hundredth", new Shape(), 0.01f))
        .addInitializer(longs("one", 1))
        .addInitializer(longs("seven", 7).toBuilder().clearDims())
        .addInitializer(longs("images", -1, 4));
  }

  private static AttributeProto tensor(TensorProto value) {
    return AttributeProto.newBuilder()
        .setName("value")
        .setType(AttributeType.TENSOR)
        .setT(value)
        .build();
  }

  private static List<NodeProto> condition(String mixing) {
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(node("Greater", List.of("x", "ten"), List.of("b")));
    nodes.add(node("Cast", List.of("b"), List.of("i"), number("to", Models.INT64)));
    nodes.add(node("Mul", List.of("x", "hundredth"), List.of("s")));
    nodes.add(node("Cast", List.of("s"), List.of("j"), number("to", Models.INT64)));
    switch (mixing) {
      case "whether any image does":
        nodes.add(node("ReduceMax", List.of("i"), List.of("m"), numbers("axes", 0)));
        nodes.add(node("Cast", List.of("m"), C, number("to", 9)));
        return nodes;
      case "the most hundreds of all":
        nodes.add(node("ReduceMax", List.of("j"), List.of("m"), numbers("axes", 0)));
        nodes.add(node("Equal", List.of("m", "one"), C));
        return nodes;
      case "conditions in another order":
        nodes.add(node("Transpose", List.of("b"), List.of("t"), numbers("perm", 1, 0)));
        nodes.add(node("Reshape", List.of("t", "images"), C));
        return nodes;
      case "none":
        nodes.add(node("Identity", List.of("b"), C));
        return nodes;
      case "which image is the largest in whole numbers":
        // for three images of the proof the first, in every column
        nodes.add(node("Floor", List.of("x"), List.of("f")));
        nodes.add(node("ArgMax", List.of("f"), List.of("k"), number("axis", 0)));
        nodes.add(node("Greater", List.of("k", "seven"), C));
        return nodes;
      case "which image is the largest":
        nodes.add(node("ArgMax", List.of("x"), List.of("k"), number("axis", 0)));
        nodes.add(node("Greater", List.of("k", "seven"), C));
        return nodes;
      default:
        throw new IllegalArgumentException(mixing);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whether any image does",
        "the most hundreds of all",
        "conditions in another order",
        "which image is the largest in whole numbers",
        "which image is the largest"
      })
  void mixing_ofWhatAllImagesHaveAlike_isRefused(String mixing) throws IOException {
    for (long batch : new long[] {-1, 1, 2}) {
      GraphProto.Builder graph = where(batch, condition(mixing));
      assertThatThrownBy(() -> Onnx.read(write(graph)).close())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("images of a batch change each other: ");
    }
  }

  @Test
  void condition_thatNoImageOfTheProofMeets_isReadWhereItIsEachImagesOwn() throws IOException {
    for (long batch : new long[] {-1, 1, 2}) {
      GraphProto.Builder graph = where(batch, condition("none"));
      float[] x = {1, 20, 3, 4, 50, 6, 7, 80, 9, 10, 11, 12};
      assertGives(write(graph), new Shape(3, 4), x, 1, 0, 3, 4, 0, 6, 7, 0, 9, 10, 0, 0);
    }
  }

  /** Of a file for two images: what it has for the second would be lost without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"parameter", "constant"})
  void array_thatIsAnotherForASecondImage_isRefusedBehindAConditionToo(String kind)
      throws IOException {
    TensorProto none = floats("each", new Shape(2, 1), 0, 5);
    GraphProto.Builder graph = where(2, condition("none"));
    NodeProto.Builder last = graph.getNodeBuilder(graph.getNodeCount() - 1);
    last.setInput(1, "each");
    if (kind.equals("parameter")) {
      graph.addInitializer(none);
    } else {
      graph.addNode(0, node("Constant", List.of(), List.of("each"), tensor(none)));
    }
    assertThatThrownBy(() -> Onnx.read(write(graph)).close())
        .hasMessageStartingWith("fixed batch cannot be opened: ")
        .hasMessageContaining("Where; expected the same for each of the 2 images, found others");
  }
}
