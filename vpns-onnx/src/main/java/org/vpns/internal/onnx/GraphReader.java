package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.common.collect.Sets;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.internal.onnx.OperatorTable.Entry;
import org.vpns.io.FormatException;

/** Checks the graph of a model, and takes from it what is needed to run it. */
final class GraphReader {
  private static final OperatorTable OPERATORS =
      OperatorTable.of(
          MatrixOperators::addTo,
          ResizeOperators::addTo,
          RecurrentOperators::addTo,
          BranchOperator::addTo,
          ScatterOperators::addTo,
          ElementOperators::addTo,
          TriangleOperators::addTo,
          SamplingOperators::addTo,
          QuantisedOperators::addTo,
          EinsumOperator::addTo,
          PoolingOperators::addTo,
          ActivationOperators::addTo,
          ArithmeticOperators::addTo,
          ShapeOperators::addTo,
          PartOperators::addTo,
          LookupOperators::addTo,
          ConstantOperators::addTo,
          ReductionOperators::addTo,
          NormalisationOperators::addTo);

  /** What to do about inputs that no image can be. */
  private static final String FLOAT_INPUTS = "export the model with tensors of floats as inputs";

  private final String source;
  private final ExternalData external;
  private final Set<String> known = new HashSet<>();

  /**
   * @param source the file, for messages
   */
  GraphReader(String source, ExternalData external) {
    this.source = source;
    this.external = external;
  }

  /** Names of the operators that are read, sorted. */
  static List<String> operators() {
    return OPERATORS.names();
  }

  /**
   * Reads a graph.
   *
   * @param branches the graph, with the nodes of all branches
   * @param opset the model's version of the standard operators
   * @param producer who wrote the model
   * @throws IOException if the graph holds something that is not supported or breaks the format, or
   *     weights in another file cannot be read
   */
  OnnxFile read(Branches branches, int opset, String producer) throws IOException {
    GraphProto graph = branches.graph();
    requireSupported(graph, opset);
    Map<String, StoredTensor> tensors = tensors(graph);
    NodeLimit.require(graph, tensors, source);
    List<OnnxPort> inputs = inputs(graph);
    List<OnnxFile.Item> nodes = nodes(graph, branches, opset);
    List<String> outputs = outputs(graph);
    return new OnnxFile(
        source,
        opset,
        producer,
        NeededNodes.of(nodes, outputs),
        tensors,
        constants(graph),
        inputs,
        outputs);
  }

  private static Set<String> constants(GraphProto graph) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getDocString().equals(OnnxReader.CONSTANT))
        .map(TensorProto::getName)
        .collect(Collectors.toSet());
  }

  private FormatException bad(String what, String where, Object expected, @Nullable Object found) {
    return OnnxReader.bad(what, source + ", " + where, expected, found);
  }

  private String text(ByteString bytes, String where) throws FormatException {
    if (!bytes.isValidUtf8()) {
      throw bad("name is no text", where, "UTF-8", bytes.size() + " other bytes");
    }
    if (bytes.size() > MemoryBound.NAME) {
      throw bad(
          "name too long",
          where,
          "at most " + MemoryBound.NAME + " bytes",
          bytes.size() + " bytes");
    }
    return bytes.toStringUtf8();
  }

  private Map<String, StoredTensor> tensors(GraphProto graph) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (TensorProto proto : graph.getInitializerList()) {
      String name = text(proto.getNameBytes(), "initialiser " + tensors.size());
      String where = source + ", initialiser '" + name + "'";
      if (name.isEmpty() || !known.add(name)) {
        throw bad("value with two producers", "initialiser '" + name + "'", "one", "another one");
      }
      tensors.put(name, StoredTensor.check(proto, where, external));
    }
    return tensors;
  }

  private List<OnnxPort> inputs(GraphProto graph) throws FormatException {
    Set<String> names = new HashSet<>();
    List<OnnxPort> inputs = new ArrayList<>();
    for (ValueInfoProto proto : graph.getInputList()) {
      String name = text(proto.getNameBytes(), "input " + names.size());
      if (name.isEmpty() || !names.add(name)) {
        throw bad("value with two producers", "input '" + name + "'", "one", "another one");
      }
      // old files list initialisers among the inputs, as values that a caller may replace
      if (known.add(name)) {
        inputs.add(port(name, proto.getType()));
      }
    }
    if (inputs.isEmpty()) {
      throw bad("graph without inputs", "graph", "at least 1", "none");
    }
    return inputs;
  }

  private OnnxPort port(String name, TypeProto proto) throws FormatException {
    String where = "input '" + name + "'";
    if (!proto.hasTensorType()) {
      throw new FormatException(
          "input is no tensor",
          source + ", " + where,
          "a dense tensor",
          proto.getValueCase(),
          FLOAT_INPUTS);
    }
    ElementType type = ElementType.find(proto.getTensorType().getElemType());
    if (type == null) {
      throw new FormatException(
          "tensor type not supported",
          source + ", " + where,
          "a float, integer or boolean type",
          StoredTensor.typeName(proto.getTensorType().getElemType()),
          FLOAT_INPUTS);
    }
    if (!proto.getTensorType().hasShape()) {
      return new OnnxPort(name, type.engineType(), null);
    }
    TensorShapeProto shape = proto.getTensorType().getShape();
    if (shape.getDimCount() > 32) {
      throw bad("input has too many axes", where, "at most 32", shape.getDimCount());
    }
    // sizes below 1 are how some exporters write an open one
    long[] sizes =
        shape.getDimList().stream()
            .mapToLong(dim -> dim.getDimValue() > 0 ? dim.getDimValue() : -1)
            .toArray();
    return new OnnxPort(name, type.engineType(), new Shape(sizes));
  }

  /** Names every operator that is missing, at once. */
  private void requireSupported(GraphProto graph, int opset) throws FormatException {
    List<NodeProto> nodes = graph.getNodeList();
    Map<String, Integer> missing = new TreeMap<>();
    Set<NodeProto> at = Sets.newIdentityHashSet();
    int newest = 0;
    boolean newer = true;
    for (NodeProto node : nodes) {
      String name = text(node.getOpTypeBytes(), "operator of a node");
      String domain = text(node.getDomainBytes(), "domain of a node");
      Entry entry = OnnxReader.isStandard(domain) ? OPERATORS.find(name) : null;
      if (entry == null) {
        at.add(node);
        newer = false;
        missing.merge(OnnxReader.isStandard(domain) ? name : domain + "." + name, 1, Integer::sum);
      } else if (entry.since() > opset) {
        at.add(node);
        newest = Math.max(newest, entry.since());
        missing.merge(name + " (not before operator set " + entry.since() + ")", 1, Integer::sum);
      }
    }
    if (!missing.isEmpty()) {
      throw new FormatException(
          "unsupported operators",
          missing.entrySet().stream()
                  .limit(100)
                  .map(each -> each.getValue() + " x " + each.getKey())
                  .collect(Collectors.joining(", "))
              + " in "
              + source,
          "those of Onnx.supportedOperators()",
          at.size() + " of " + nodes.size() + " nodes",
          // tools that cut a file check it, and know as little of operators before their time
          newer ? "export the model with operator set " + newest : CutAdvice.before(graph, at));
    }
  }

  private List<OnnxFile.Item> nodes(GraphProto graph, Branches branches, int opset)
      throws IOException {
    List<NodeProto> protos = graph.getNodeList();
    Set<String> read = new HashSet<>();
    graph.getOutputList().forEach(output -> read.add(output.getName()));
    protos.forEach(node -> read.addAll(node.getInputList()));
    List<OnnxFile.Item> items = new ArrayList<>();
    for (int index : NodeOrder.of(protos)) {
      NodeProto proto = protos.get(index);
      String where = "node " + index;
      text(proto.getNameBytes(), where);
      for (ByteString name : proto.getInputList().asByteStringList()) {
        String input = text(name, where);
        if (!input.isEmpty() && !known.contains(input)) {
          throw bad(
              "value used before it is produced",
              where + ", " + proto.getOpType(),
              "an input, an initialiser or an output of a node that does not wait for this one",
              "'" + input + "'");
        }
      }
      for (ByteString name : proto.getOutputList().asByteStringList()) {
        String output = text(name, where);
        if (!output.isEmpty() && !known.add(output)) {
          throw bad(
              "value with two producers",
              where + ", " + proto.getOpType(),
              "one",
              "'" + output + "' is there already");
        }
      }
      OnnxNode node = new OnnxNode(proto, source, index, opset).under(branches.guards(proto));
      items.add(item(node.withoutUnread(read)));
    }
    return items;
  }

  private static OnnxFile.Item item(OnnxNode node) throws IOException {
    Entry entry = OPERATORS.find(node.operator());
    if (entry == null) {
      throw new IllegalStateException(node.where());
    }
    if (node.outputs().stream().allMatch(String::isEmpty)) {
      throw node.bad("node without an output", "at least 1", "none", "export the model again");
    }
    OnnxOperator.Step step = entry.operator().prepare(node);
    node.requireAllRead();
    return new OnnxFile.Item(node, step, entry.onHost());
  }

  private List<String> outputs(GraphProto graph) throws FormatException {
    List<String> outputs = new ArrayList<>();
    for (ValueInfoProto proto : graph.getOutputList()) {
      String name = text(proto.getNameBytes(), "output " + outputs.size());
      if (!known.contains(name)) {
        throw bad("output without a producer", "output '" + name + "'", "one node", "none");
      }
      outputs.add(name);
    }
    if (outputs.isEmpty()) {
      throw bad("graph without outputs", "graph", "at least 1", "none");
    }
    return outputs;
  }
}
