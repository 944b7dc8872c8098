package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * Puts the nodes of both branches of each {@code If} before it, as scripted modules have them: each
 * knows the {@link Guard guards} under which it runs, and the {@code If} itself then reads its
 * condition and the results of both branches, of which it hands on one.
 */
final class Branches {
  static final String IF = "If";

  private final String source;
  private final GraphProto.Builder graph;
  private final Map<NodeProto, ImmutableList<Guard>> guards = new IdentityHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> copies = new HashMap<>();

  /** Names that a branch gives to its values, in the graph; it sees those of what is around it. */
  private record Scope(@Nullable Scope outer, Map<String, String> names) {
    static final Scope NONE = new Scope(null, Map.of());

    String name(String own) {
      for (Scope scope = this; scope != null; scope = scope.outer) {
        String name = scope.names.get(own);
        if (name != null) {
          return name;
        }
      }
      return own;
    }
  }

  private Branches(GraphProto graph, String source) {
    this.source = source;
    this.graph = graph.toBuilder().clearNode();
    graph.getInputList().forEach(port -> taken.add(port.getName()));
    graph.getInitializerList().forEach(tensor -> taken.add(tensor.getName()));
    graph.getNodeList().forEach(node -> taken.addAll(node.getOutputList()));
  }

  /**
   * Of a graph.
   *
   * @throws FormatException if an {@code If} has not two branches with its results
   */
  static Branches of(GraphProto graph, String source) throws FormatException {
    Branches branches = new Branches(graph, source);
    for (NodeProto node : graph.getNodeList()) {
      branches.add(node, ImmutableList.of(), Scope.NONE);
    }
    return branches;
  }

  /** The graph without graphs in nodes that are an {@code If}. */
  GraphProto graph() {
    return graph.build();
  }

  /** Under which a node of the graph runs, the outermost first. */
  ImmutableList<Guard> guards(NodeProto node) {
    return guards.getOrDefault(node, ImmutableList.of());
  }

  private void add(NodeProto node, ImmutableList<Guard> under, Scope scope) throws FormatException {
    boolean branches = node.getOpType().equals(IF) && OnnxReader.isStandard(node.getDomain());
    NodeProto.Builder own = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(name -> own.addInput(scope.name(name)));
    node.getOutputList().forEach(name -> own.addOutput(scope.name(name)));
    if (branches) {
      if (own.getInputCount() != 1) {
        throw bad(node, "one condition", own.getInputCount());
      }
      String condition = own.getInput(0);
      own.clearAttribute();
      for (boolean value : new boolean[] {true, false}) {
        GraphProto branch = branch(node, value ? "then_branch" : "else_branch");
        ImmutableList<Guard> both =
            ImmutableList.<Guard>builder().addAll(under).add(new Guard(condition, value)).build();
        own.addAllInput(inlined(branch, both, scope));
      }
    }
    NodeProto made = scope == Scope.NONE && !branches ? node : own.build();
    guards.put(made, under);
    graph.addNode(made);
    if (graph.getNodeCount() > MemoryBound.NODES) {
      throw new FormatException(
          "too many nodes",
          source + ", model",
          "at most " + MemoryBound.NODES,
          "more in all branches",
          NodeLimit.UNROLLED);
    }
  }

  private GraphProto branch(NodeProto node, String name) throws FormatException {
    GraphProto found = null;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name) && attribute.getType() == AttributeType.GRAPH) {
        found = attribute.getG();
      }
    }
    if (found == null
        || found.getInputCount() > 0
        || found.getOutputCount() != node.getOutputCount()) {
      throw bad(
          node,
          "'" + name + "' without inputs and with " + node.getOutputCount() + " results",
          found == null
              ? "none"
              : found.getInputCount() + " inputs and " + found.getOutputCount() + " results");
    }
    return found;
  }

  private FormatException bad(NodeProto node, String expected, @Nullable Object found) {
    return OnnxReader.bad(
        "branches do not fit their node",
        source + ", '" + node.getName() + "', If",
        expected,
        found);
  }

  /** Adds what a branch computes; returns the names of its results. */
  private List<String> inlined(GraphProto branch, ImmutableList<Guard> under, Scope outer)
      throws FormatException {
    Map<String, String> names = new HashMap<>();
    for (TensorProto tensor : branch.getInitializerList()) {
      graph.addInitializer(tensor.toBuilder().setName(own(tensor.getName(), names)));
    }
    for (NodeProto node : branch.getNodeList()) {
      node.getOutputList().forEach(name -> own(name, names));
    }
    Scope scope = new Scope(outer, names);
    for (NodeProto node : branch.getNodeList()) {
      add(node, under, scope);
    }
    return branch.getOutputList().stream().map(ValueInfoProto::getName).map(scope::name).toList();
  }

  /** A name of a branch that no other value has: branches may use the same. */
  private String own(String name, Map<String, String> names) {
    String unique = name;
    while (!name.isEmpty() && !taken.add(unique)) {
      unique = name + "_branch" + copies.merge(name, 1, Integer::sum);
    }
    names.put(name, unique);
    return unique;
  }
}
