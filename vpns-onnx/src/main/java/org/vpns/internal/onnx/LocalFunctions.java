package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * Puts the nodes of functions that a model brings along in place of their calls, as exporters make
 * of modules. Values inside a call get names of their own.
 */
final class LocalFunctions {
  private static final int MAX_DEPTH = 32;

  /** Nodes and what they read, make and are told, of all calls together. */
  private static final long MAX_MADE = 16L * MemoryBound.NODES;

  private static final int LONGEST_NAME = 256;

  private final String source;
  private final Map<Key, FunctionProto> functions = new HashMap<>();
  private final GraphProto.Builder graph;
  private int calls;
  private long made;

  /** What a node calls a function by. */
  private record Key(String domain, String name) {}

  private LocalFunctions(ModelProto model, String source) {
    this.source = source;
    graph = model.getGraph().toBuilder().clearNode();
    model.getFunctionsList().forEach(f -> functions.put(new Key(f.getDomain(), f.getName()), f));
  }

  /**
   * The graph of a model without calls of the model's functions.
   *
   * @param opset the model's version of the standard operators
   * @throws FormatException if a function calls itself, has another version, or all calls together
   *     have more nodes than any network
   */
  static GraphProto inlined(ModelProto model, int opset, String source) throws FormatException {
    if (model.getFunctionsCount() == 0) {
      return model.getGraph();
    }
    LocalFunctions all = new LocalFunctions(model, source);
    for (FunctionProto function : model.getFunctionsList()) {
      all.requireVersion(function, opset);
    }
    for (NodeProto node : model.getGraph().getNodeList()) {
      all.add(node, 0);
    }
    return all.graph.build();
  }

  private void requireVersion(FunctionProto function, int opset) throws FormatException {
    for (var each : function.getOpsetImportList()) {
      if (OnnxReader.isStandard(each.getDomain()) && each.getVersion() != opset) {
        throw new FormatException(
            "function of another operator set",
            source + ", function '" + function.getName() + "'",
            opset,
            each.getVersion(),
            "export the model without functions");
      }
    }
  }

  private void add(NodeProto node, int depth) throws FormatException {
    FunctionProto function = functions.get(new Key(node.getDomain(), node.getOpType()));
    if (function == null) {
      graph.addNode(node);
      requireRoom(1);
      return;
    }
    if (depth == MAX_DEPTH) {
      throw new FormatException(
          "functions too deep in each other",
          source + ", function '" + function.getName() + "'",
          "at most " + MAX_DEPTH + " calls in one another, and none of itself",
          "more",
          "export the model without functions");
    }
    requireRoom(1 + function.getInputCount() + function.getOutputCount());
    String inside = "call" + ++calls + "/";
    Map<String, String> names = names(function, node);
    for (NodeProto each : function.getNodeList()) {
      NodeProto.Builder own = each.toBuilder().clearInput().clearOutput().clearAttribute();
      own.setName(inner(node.getName(), each.getName()));
      requireRoom(1 + each.getInputCount() + each.getOutputCount());
      each.getInputList().forEach(name -> own.addInput(renamed(name, names, inside)));
      each.getOutputList().forEach(name -> own.addOutput(renamed(name, names, inside)));
      for (AttributeProto attribute : each.getAttributeList()) {
        requireRoom(1 + node.getAttributeCount() + function.getAttributeProtoCount());
        AttributeProto given = given(attribute, function, node.getAttributeList());
        if (given != null) {
          own.addAttribute(given);
        }
      }
      add(own.build(), depth + 1);
    }
  }

  /** Names that the caller gives to what goes in and comes out. */
  private Map<String, String> names(FunctionProto function, NodeProto call) throws FormatException {
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < function.getInputCount(); i++) {
      names.put(function.getInput(i), i < call.getInputCount() ? call.getInput(i) : "");
    }
    for (int i = 0; i < Math.min(function.getOutputCount(), call.getOutputCount()); i++) {
      String name = function.getOutput(i);
      String outside = call.getOutput(i);
      String already = outside.isEmpty() ? null : names.putIfAbsent(name, outside);
      if (already != null) {
        // handed through, or out twice
        graph.addNode(
            NodeProto.newBuilder().setOpType("Identity").addInput(already).addOutput(outside));
      }
    }
    return names;
  }

  /** The path of a node in a call, as exporters name nodes in modules. */
  private static String inner(String call, String name) {
    String path = call.length() + name.length() < LONGEST_NAME ? call + "/" + name : name;
    return path.length() > LONGEST_NAME ? "" : path;
  }

  private static String renamed(String name, Map<String, String> names, String inside) {
    if (name.isEmpty()) {
      return name;
    }
    String known = names.putIfAbsent(name, inside + names.size());
    return known == null ? inside + (names.size() - 1) : known;
  }

  /** What an attribute is in a call; null if the call leaves it out and nothing stands for it. */
  private static @Nullable AttributeProto given(
      AttributeProto attribute, FunctionProto function, List<AttributeProto> call) {
    String refers = attribute.getRefAttrName();
    if (refers.isEmpty()) {
      return attribute;
    }
    for (List<AttributeProto> from : List.of(call, function.getAttributeProtoList())) {
      for (AttributeProto each : from) {
        if (each.getName().equals(refers)) {
          return each.toBuilder().setName(attribute.getName()).build();
        }
      }
    }
    return null;
  }

  private void requireRoom(int more) throws FormatException {
    made += more;
    if (made > MAX_MADE || graph.getNodeCount() > MemoryBound.NODES) {
      throw new FormatException(
          "too many nodes",
          source + ", functions",
          "at most " + MemoryBound.NODES,
          "more in all calls",
          NodeLimit.UNROLLED);
    }
  }
}
