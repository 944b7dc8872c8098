package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What to do about nodes that are not supported: the command that cuts out the part of a network
 * before them, with the values where it ends, if there are any, and few. Values that hold nothing
 * of an image, as shapes do, end no network. Networks of quantised operators are to be had without.
 */
final class CutAdvice {
  /** Cuts through a network that a message names, as of its heads. */
  private static final int MOST_CUTS = 8;

  private static final Set<String> SHAPES = Set.of("Shape", "Size");

  /**
   * {@code QLinearConv, MatMulInteger, DynamicQuantizeLSTM, QGemm} and what is called like them.
   */
  private static final Pattern QUANTISED =
      Pattern.compile("QLinear.*|.*Integer(ToFloat)?|.*Quantize.*|QGemm|QAttention|QMoE");

  private final GraphProto graph;
  private final Set<NodeProto> missing;
  private final Set<String> inputs;

  /** Values of images that nodes before the missing ones make. */
  private final Set<String> before = new HashSet<>();

  private final Set<String> behind = new HashSet<>();
  private final Set<String> results = new LinkedHashSet<>();

  private CutAdvice(GraphProto graph, Set<NodeProto> missing) {
    this.graph = graph;
    this.missing = missing;
    inputs =
        graph.getInputList().stream()
            .map(ValueInfoProto::getName)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    graph.getInitializerList().forEach(tensor -> inputs.remove(tensor.getName()));
  }

  /**
   * The advice, as the last part of a message.
   *
   * @param missing the nodes that are not supported, by identity
   */
  static String before(GraphProto graph, Set<NodeProto> missing) {
    return new CutAdvice(graph, missing).text();
  }

  private String text() {
    if (missing.stream().allMatch(node -> QUANTISED.matcher(node.getOpType()).matches())) {
      return "export the model before it is quantised";
    }
    graph.getNodeList().forEach(this::pass);
    graph.getOutputList().stream()
        .map(ValueInfoProto::getName)
        .filter(before::contains)
        .forEach(results::add);
    String part = "the part of the network before them";
    if (results.isEmpty()) {
      return "export the network without them";
    }
    return results.size() > MOST_CUTS
        ? "export " + part
        : "cut out " + part + ": " + command(inputs, results);
  }

  /** What cuts a part out of the file. */
  static String command(Collection<String> inputs, Collection<String> results) {
    // the checker asks for the shape of each result, which is not always inferred
    return "onnx.utils.extract_model(file, other, "
        + inPython(inputs)
        + ", "
        + inPython(results)
        + ", check_model=False)";
  }

  private void pass(NodeProto node) {
    boolean stays =
        !missing.contains(node) && node.getInputList().stream().noneMatch(behind::contains);
    if (!stays) {
      read(node).stream().filter(before::contains).forEach(results::add);
      behind.addAll(node.getOutputList());
    } else if (!SHAPES.contains(node.getOpType())
        && node.getInputList().stream().anyMatch(v -> before.contains(v) || inputs.contains(v))) {
      before.addAll(node.getOutputList());
    }
  }

  /**
   * What a node reads of the graph: of one with branches, what these do, not what decides; a loop
   * goes on from the values behind its count and its condition, a scan through all.
   */
  private static List<String> read(NodeProto node) {
    List<String> all = new ArrayList<>();
    collect(node, all, 0);
    return all;
  }

  private static void collect(NodeProto node, List<String> all, int depth) {
    boolean branches = false;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG() && depth < OnnxReader.MAX_NESTING) {
        branches = true;
        attribute.getG().getNodeList().forEach(inner -> collect(inner, all, depth + 1));
        attribute.getG().getOutputList().forEach(output -> all.add(output.getName()));
      }
    }
    int from =
        switch (node.getOpType()) {
          case "Loop" -> 2;
          case "If" -> node.getInputCount();
          default -> 0;
        };
    List<String> inputs = node.getInputList();
    all.addAll(branches ? inputs.subList(Math.min(from, inputs.size()), inputs.size()) : inputs);
  }

  private static String inPython(Collection<String> names) {
    return names.stream()
        .map(name -> "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'")
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
