package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.model;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.port;

import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vpns.io.FormatException;

/** Files that ask for more than there is, and the form of their refusals. */
final class HostileModels {
  static final ValueInfoProto IMAGE = port("x", 1, 3, 8, 8);

  /** Sizes that no memory holds, within what a Java array has, above it, and above a long. */
  static final long[] SIZES = {1L << 15, 1L << 17, 1L << 31, 1L << 40};

  static void assertRefused(byte[] content, String message) {
    assertThatThrownBy(
            () -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                OnnxFile file = OnnxReader.parse(content, "hostile");
                OnnxNetwork.of(file, manager, OnnxOptions.keeping(name -> false));
              }
            })
        .isInstanceOfAny(FormatException.class, IllegalArgumentException.class)
        .hasMessageMatching("(?s).+: hostile.*; expected .+, found .+; .+\\.")
        .hasMessageContaining(message);
  }

  /** What no node reads is a result, so that all of them have to run. */
  static byte[] file(ValueInfoProto input, List<TensorProto> tensors, NodeProto... nodes) {
    Set<String> unread = new LinkedHashSet<>();
    Stream.of(nodes).forEach(node -> unread.addAll(node.getOutputList()));
    Stream.of(nodes).forEach(node -> unread.removeAll(node.getInputList()));
    unread.removeAll(List.of("y", ""));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(input)
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .addAllInitializer(tensors)
            .addAllNode(List.of(nodes));
    unread.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    return model(17, graph).build().toByteArray();
  }

  /** A network with one node that makes much of an image, and one that makes little of it again. */
  static byte[] blownUp(NodeProto node, TensorProto... tensors) {
    return file(
        IMAGE, List.of(tensors), node, node("GlobalAveragePool", List.of("e"), List.of("y")));
  }

  static List<NodeProto> chain(int nodes, IntFunction<NodeProto> node) {
    return IntStream.range(0, nodes).mapToObj(node).toList();
  }

  static byte[] chained(
      ValueInfoProto input, List<TensorProto> tensors, NodeProto first, List<NodeProto> rest) {
    List<NodeProto> nodes = new ArrayList<>(List.of(first));
    nodes.addAll(rest);
    String last = nodes.get(nodes.size() - 1).getOutput(0);
    nodes.add(node("GlobalAveragePool", List.of(last), List.of("y")));
    return file(input, tensors, nodes.toArray(NodeProto[]::new));
  }

  private HostileModels() {}
}
