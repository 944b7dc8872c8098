package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphBlock;
import org.vpns.io.FormatException;
import org.vpns.onnx.Onnx;

/**
 * Of the two branches of an {@code If}, that which shapes or stored numbers choose is the network.
 */
final class BranchesTest extends FollowedRemedies {
  private static final TensorProto YES =
      TensorProto.newBuilder().setName("yes").setDataType(9).addInt32Data(1).build();

  private static GraphProto.Builder branch(String result, NodeProto... nodes) {
    return GraphProto.newBuilder()
        .addAllNode(List.of(nodes))
        .addOutput(ValueInfoProto.newBuilder().setName(result));
  }

  private static NodeProto choose(
      String condition, String result, GraphProto.Builder then, GraphProto.Builder otherwise) {
    NodeProto.Builder node = node("If", List.of(condition), List.of(result)).toBuilder();
    for (boolean value : new boolean[] {true, false}) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(value ? "then_branch" : "else_branch")
              .setType(AttributeType.GRAPH)
              .setG(value ? then : otherwise));
    }
    return node.build();
  }

  /** Whether the axis has as many positions as the number of that name says. */
  private static GraphProto.Builder asked(GraphProto.Builder graph, long axis, long size) {
    return graph
        .addNode(node("Shape", X, List.of("s")))
        .addNode(node("Gather", List.of("s", "axis"), List.of("n")))
        .addNode(node("Equal", List.of("n", "size"), List.of("c")))
        .addInitializer(longs("axis", axis))
        .addInitializer(longs("size", size));
  }

  /** Three numbers are multiplied by what the branch itself stores, others lose their signs. */
  private static GraphProto.Builder byWidth(long batch, long width) {
    GraphProto.Builder product = branch("r", node("Mul", List.of("x", "w"), List.of("r")));
    product.addInitializer(floats("w", new Shape(3), 2, 3, 4));
    GraphProto.Builder size =
        branch("r", node("Neg", X, List.of("r0")), node("Max", List.of("x", "r0"), List.of("r")));
    return asked(graph(batch, width), 1, 3).addNode(choose("c", "y", product, size));
  }

  @Test
  void branch_isThatWhichTheSizeOfImagesChooses() throws IOException {
    Path file = write(byWidth(-1, -1));
    assertGives(file, new Shape(1, 3), new float[] {1, -2, 3}, 2, -6, 12);
    assertGives(file, new Shape(2, 2), new float[] {1, -2, 3, -4}, 1, 2, 3, 4);
  }

  /** As PyTorch writes a squeeze of an axis that it does not know. */
  @Test
  void branchThatCouldNotRun_doesNot() throws IOException {
    GraphProto.Builder graph =
        asked(graph(-1, -1, 2), 1, 1)
            .addNode(
                choose(
                    "c",
                    "y",
                    branch("t", node("Squeeze", List.of("x", "axis"), List.of("t"))),
                    branch("e", node("Identity", X, List.of("e")))));
    Path file = write(graph);
    assertGives(file, new Shape(1, 1, 2), new float[] {1, 2}, 1, 2);
    assertGives(file, new Shape(1, 2, 2), new float[] {1, 2, 3, 4}, 1, 2, 3, 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -1})
  void branches_inEachOther_withTheSameNames_giveTheInnerOne_forAnyNumberOfImages(long batch)
      throws IOException {
    NodeProto inner =
        choose(
            "c",
            "v",
            branch("v", node("Add", List.of("u", "x"), List.of("v"))),
            branch("v", node("Sub", List.of("u", "x"), List.of("v"))));
    GraphProto.Builder graph =
        asked(graph(batch, 3), 1, 2)
            .addInitializer(YES)
            .addNode(
                choose(
                    "yes",
                    "y",
                    branch("v", node("Mul", List.of("x", "x"), List.of("u")), inner),
                    branch("u", node("Exp", X, List.of("u")))));
    Path file = write(graph);
    // x^2 - x
    assertGives(file, new Shape(2, 3), new float[] {1, 2, 3, 4, 5, -1}, 0, 2, 6, 12, 20, 2);
    Path again = folder.resolve("again.onnx");
    try (Model model = Onnx.read(file)) {
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    assertGives(again, new Shape(2, 3), new float[] {1, 2, 3, 4, 5, -1}, 0, 2, 6, 12, 20, 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -1})
  void whatABranchStores_learns(long batch) throws IOException {
    try (Model model = Onnx.read(write(byWidth(batch, 3)))) {
      // d/dw of the sum of v x w is x v
      float[] gradient =
          FixedFiles.gradient(
              model, new float[] {1, 2, 3}, new Shape(1, 3), new float[] {5, 6, 7}, "w");
      assertThat(gradient).containsExactly(5, 12, 21);
    }
  }

  @Test
  void branchThatTheImagesDecide_isRefused_andThePartBeforeItReads() throws IOException {
    GraphProto.Builder graph =
        graph(-1, 3)
            .addNode(node("Relu", X, List.of("a")))
            .addNode(node("ReduceMax", List.of("a"), List.of("m"), number("keepdims", 0)))
            .addNode(node("Cast", List.of("m"), List.of("c"), number("to", 9)))
            .addNode(
                choose(
                    "c",
                    "y",
                    branch("t", node("Neg", List.of("a"), List.of("t"))),
                    branch("e", node("Exp", List.of("a"), List.of("e")))));
    assertRefused(
        "branch that the images decide",
        "export the part of the network before this node",
        write(graph));
    GraphProto.Builder before = graph(-1, 3).addNode(node("Relu", X, Y));
    assertGives(write(before), new Shape(1, 3), new float[] {1, -2, 3}, 1, 0, 3);
  }

  /** Each has both of its branches, whose values have the names of all others. */
  @Test
  void branchesInThousands_areRefusedBeforeTheyRun() throws IOException {
    GraphProto.Builder graph = graph(-1, 3).addInitializer(YES);
    for (int i = 0; i < 10_000; i++) {
      GraphProto.Builder same = branch("v", node("Neg", X, List.of("v")));
      graph.addNode(choose("yes", "y" + i, same, same));
    }
    Path file = write(graph.addNode(node("Relu", List.of("y0"), Y)));
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    long begin = clock.getCurrentThreadCpuTime();
    assertThatThrownBy(() -> Onnx.read(file).close())
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("too many nodes: ");
    // 0.3 s; names sought one after the other took half a minute and more
    assertThat(clock.getCurrentThreadCpuTime() - begin).isLessThan(2_000_000_000L);
  }

  @Test
  void branchesThatDoNotFit_areRefused() throws IOException {
    NodeProto whole =
        choose(
            "yes",
            "y",
            branch("t", node("Neg", X, List.of("t"))),
            branch("e", node("Exp", X, List.of("e"))));
    for (NodeProto bad :
        Arrays.asList(
            whole.toBuilder().removeAttribute(1).build(),
            whole.toBuilder().addOutput("z").build(),
            whole.toBuilder().clearInput().build(),
            whole.toBuilder().addInput("x").build())) {
      assertThatThrownBy(
              () -> Onnx.read(write(graph(-1, 3).addInitializer(YES).addNode(bad))).close())
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("branches do not fit their node: ");
    }
    assertGives(
        write(graph(-1, 3).addInitializer(YES).addNode(whole)),
        new Shape(1, 3),
        new float[] {1, -2, 3},
        -1,
        2,
        -3);
  }
}
