package org.vpns.internal.onnx;

import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.graph;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where a network is cut before what is not read, and what the cut out part computes: every node
 * that the results need and no other, as {@code extract_model} takes them. Images are 1, 2, 3.
 */
final class CutAdviceTest extends FollowedRemedies {
  private static final NodeProto RELU = node("Relu", X, List.of("a"));

  private void assertCut(GraphProto.Builder whole, String results, int nodes, double... expected)
      throws IOException {
    assertRefused(
        "unsupported operators",
        "cut out the part of the network before them: onnx.utils.extract_model(file, other, ['x'],"
            + " ["
            + results
            + "], check_model=False)",
        write(whole));
    String[] names = results.replace("'", "").split(", ");
    GraphProto.Builder part = whole.clone();
    while (part.getNodeCount() > nodes) {
      part.removeNode(nodes);
    }
    part.clearOutput();
    Arrays.stream(names).forEach(name -> part.addOutput(ValueInfoProto.newBuilder().setName(name)));
    if (names.length > 1) {
      part.clearOutput().addOutput(ValueInfoProto.newBuilder().setName("all"));
      part.addNode(node("Concat", List.of(names), List.of("all"), number("axis", 1)));
    }
    Path file = write(part);
    assertGives(file, new Shape(1, 3), new float[] {1, 2, 3}, expected);
  }

  private static NodeProto unknown(String input, String output) {
    return node("Unique", List.of(input), List.of(output));
  }

  @Test
  void branchWithoutSupport_isCut_andTheOtherStaysWhole() throws IOException {
    assertCut(
        graph(-1, 3)
            .addNode(RELU)
            .addNode(node("Add", List.of("a", "one"), List.of("scores")))
            .addNode(unknown("a", "u"))
            .addNode(node("Relu", List.of("u"), Y))
            .addInitializer(floats("one", new Shape(1), 1))
            .addOutput(ValueInfoProto.newBuilder().setName("scores")),
        "'a', 'scores'",
        2,
        1,
        2,
        3,
        2,
        3,
        4);
  }

  @Test
  void severalValuesThatOneNodeReads_areAllResults() throws IOException {
    assertCut(
        graph(-1, 3)
            .addNode(RELU)
            .addNode(node("Neg", X, List.of("b")))
            .addNode(node("NonMaxSuppression", List.of("a", "b"), List.of("u")))
            .addNode(node("Cast", List.of("u"), Y, number("to", Models.FLOAT))),
        "'a', 'b'",
        2,
        1,
        2,
        3,
        -1,
        -2,
        -3);
  }

  /** A way around the node needs the same value. */
  @Test
  void shapesAndStoredNumbers_areNoResults() throws IOException {
    assertCut(
        graph(-1, 3)
            .addNode(RELU)
            .addNode(node("Shape", List.of("a"), List.of("s")))
            .addNode(node("Gather", List.of("s", "i"), List.of("n")))
            .addNode(node("Identity", List.of("i"), List.of("k")))
            .addNode(node("Loop", List.of("n", "k", "a"), List.of("u")))
            .addNode(node("Add", List.of("u", "a"), Y))
            .addInitializer(longs("i", 1)),
        "'a'",
        1,
        1,
        2,
        3);
  }

  /** What decides between branches is no result of a network, what they read is. */
  @Test
  void whatBranchesRead_isCut_notTheirCondition() throws IOException {
    NodeProto.Builder branches = node("Loop", List.of("", "c"), Y).toBuilder();
    for (String operator : List.of("Neg", "Exp")) {
      branches.addAttribute(
          AttributeProto.newBuilder()
              .setName(operator)
              .setType(AttributeType.GRAPH)
              .setG(
                  GraphProto.newBuilder()
                      .addNode(node(operator, List.of("a"), List.of("inner" + operator)))
                      .addOutput(ValueInfoProto.newBuilder().setName("inner" + operator))));
    }
    assertCut(
        graph(-1, 3)
            .addNode(RELU)
            .addNode(node("ReduceMax", List.of("a"), List.of("m"), number("keepdims", 0)))
            .addNode(node("Less", List.of("m", "zero"), List.of("c")))
            .addNode(branches)
            .addInitializer(floats("zero", new Shape(), 0)),
        "'a'",
        1,
        1,
        2,
        3);
  }

  /** Images go on through the steps of a loop beside its count and its condition. */
  @Test
  void whatALoopBeginsWith_isAResult() throws IOException {
    NodeProto loop =
        node("Loop", List.of("three", "", "a"), Y).toBuilder()
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("body")
                    .setType(AttributeType.GRAPH)
                    .setG(
                        GraphProto.newBuilder()
                            .addNode(node("Neg", List.of("state"), List.of("next")))
                            .addOutput(ValueInfoProto.newBuilder().setName("next"))))
            .build();
    assertCut(
        graph(-1, 3).addNode(RELU).addNode(loop).addInitializer(longs("three", 3)),
        "'a'",
        1,
        1,
        2,
        3);
  }

  /** Before the first node is nothing to cut out. */
  @Test
  void unknownOperatorsThatImagesGoThroughFirst_areToBeLeftOut() throws IOException {
    assertRefused(
        "unsupported operators",
        "export the network without them",
        write(graph(-1, 3).addNode(unknown("x", "u")).addNode(node("Neg", List.of("u"), Y))));
    assertGives(
        write(graph(-1, 3).addNode(node("Neg", X, Y))),
        new Shape(1, 3),
        new float[] {1, 2, 3},
        -1,
        -2,
        -3);
  }

  /** Tools that cut files refuse such a one: its operator set has no operator of the name. */
  @Test
  void operatorsOfALaterSet_areReadInThatSet() throws IOException {
    GraphProto.Builder graph = graph(-1, 3).addNode(RELU).addNode(node("Gelu", List.of("a"), Y));
    assertRefused(
        "unsupported operators",
        "export the model with operator set 20",
        write(Models.model(17, graph)));
    assertGives(
        write(Models.model(20, graph)),
        new Shape(1, 3),
        new float[] {-1, 0, 1},
        0,
        0,
        // x Phi(x) at 1
        0.841345);
  }

  @ParameterizedTest
  @ValueSource(strings = {"QLinearConv", "MatMulInteger", "DynamicQuantizeMatMul"})
  void operatorsOfQuantisedNumbers_areThoseOfFloatsBefore(String operator) throws IOException {
    assertRefused(
        "unsupported operators",
        "export the model before it is quantised",
        write(graph(-1, 3).addNode(RELU).addNode(node(operator, List.of("a", "w"), Y))));
    assertGives(
        write(
            graph(-1, 3)
                .addNode(RELU)
                .addNode(node("MatMul", List.of("a", "w"), Y))
                .addInitializer(floats("w", new Shape(3, 1), 1, 2, -1))),
        new Shape(1, 3),
        new float[] {1, 2, 3},
        2);
  }

  @Test
  void inputsThatAreNoImages_areToBeFloats() throws IOException {
    GraphProto.Builder graph = graph(-1, 3).addNode(node("Neg", X, Y));
    for (int type : new int[] {8, 14}) { // text, complex numbers
      GraphProto.Builder other = graph.clone();
      other.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(type);
      assertRefused(
          "tensor type not supported",
          "export the model with tensors of floats as inputs",
          write(other));
    }
    GraphProto.Builder scalar = graph.clone();
    scalar.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().clearDim();
    assertRefused(
        "input without axes",
        "export the network for batches of images, its other inputs as constants",
        write(scalar));
    assertGives(write(graph), new Shape(1, 3), new float[] {1, 2, 3}, -1, -2, -3);
  }

  @Test
  void namesWithQuotes_areWrittenForPython() throws IOException {
    String name = "a'b\\c";
    assertRefused(
        "unsupported operators",
        "cut out the part of the network before them: onnx.utils.extract_model(file, other, ['x'],"
            + " ['a\\'b\\\\c'], check_model=False)",
        write(graph(-1, 3).addNode(node("Relu", X, List.of(name))).addNode(unknown(name, "y"))));
  }
}
