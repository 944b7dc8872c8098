package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.internal.onnx.OperatorTable.Entry;
import org.vpns.io.FormatException;

/**
 * Reads and checks files, and takes from them what is needed to run them.
 *
 * <p>Read are operator sets 7 to 25 of the standard domain, without control flow, sequences, text,
 * sparse or quantised tensors, as far as {@link #operators} go. Weights may lie in files beside the
 * model, which must not change while the result is in use. Half precision and bfloat16 become
 * float32.
 */
public final class OnnxReader {
  /** What the description of a stored array says if it does not learn. */
  public static final String CONSTANT = "constant";

  static final int LEAST_OPSET = 7;
  static final int MOST_OPSET = 25;

  /** Nodes of a network that stores nothing. */
  private static final int PLAIN_NODES = 1 << 11;

  /** The largest networks store hundreds or thousands. */
  private static final int STORED_PER_NODE = 16;

  // deeper nesting than any model has, and shallow enough for any stack
  static final int MAX_NESTING = 64;

  private static final OperatorTable OPERATORS =
      OperatorTable.of(
          MatrixOperators::addTo,
          ResizeOperators::addTo,
          RecurrentOperators::addTo,
          ScatterOperators::addTo,
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

  private final String source;
  private final ExternalData external;
  private final Set<String> known = new HashSet<>();

  private OnnxReader(String source, ExternalData external) {
    this.source = source;
    this.external = external;
  }

  /** Names of the operators that are read, sorted. */
  public static List<String> operators() {
    return OPERATORS.names();
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is no ONNX model, breaks the format or holds something that is
   *     not supported; all unsupported operators are listed at once
   * @throws IOException if it cannot be read
   */
  public static OnnxFile read(Path file) throws IOException {
    String source = file.toString();
    InputFile.require(file, "an ONNX model");
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      throw new FormatException(
          "model file too large",
          source,
          "less than 2^31 bytes",
          size,
          "keep the weights in a file of their own (external data)");
    }
    Path folder = file.toAbsolutePath().getParent();
    return read(() -> Files.newInputStream(file), (int) size, source, folder);
  }

  /**
   * Reads from memory; all weights must be in the model itself.
   *
   * @param source what to call the content in messages
   * @throws FormatException as {@link #read}
   */
  static OnnxFile parse(byte[] content, String source) throws IOException {
    return read(() -> new ByteArrayInputStream(content), content.length, source, null);
  }

  /** Opens the bytes of a model, each time anew. */
  private interface Opener {
    InputStream open() throws IOException;
  }

  private static OnnxFile read(Opener opener, int size, String source, @Nullable Path folder)
      throws IOException {
    byte[] head;
    try (InputStream in = opener.open()) {
      head = in.readNBytes(FileGuess.HEAD_BYTES);
    }
    requireNoOther(head, source);
    ModelProto model;
    try (InputStream first = opener.open();
        InputStream second = opener.open()) {
      ModelSize.require(coded(first, size), source);
      CodedInputStream coded = coded(second, size);
      model = ModelProto.parseFrom(coded);
      coded.checkLastTagWas(0);
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
              "no ONNX model",
              source,
              "one protocol buffer message of " + size + " bytes",
              e.getMessage(),
              "fetch or export the model again")
          .causedBy(e);
    }
    return new OnnxReader(source, new ExternalData(folder)).read(model);
  }

  private static CodedInputStream coded(InputStream in, int size) {
    CodedInputStream coded = CodedInputStream.newInstance(in, 1 << 16);
    coded.setSizeLimit(size);
    coded.setRecursionLimit(MAX_NESTING);
    return coded;
  }

  /** Another format may happen to be read as a message too. */
  private static void requireNoOther(byte[] head, String source) throws FormatException {
    Optional<FileGuess> other =
        FileGuess.ofKnown(head).filter(guess -> !guess.equals(FileGuess.ONNX));
    if (other.isPresent()) {
      FileGuess guess = other.get();
      throw new FormatException(
          "no ONNX model",
          source,
          "an ONNX model",
          guess.what(),
          guess.isWeights()
              ? guess.remedy() + ", or export the network with torch.onnx.export"
              : guess.remedy());
    }
  }

  private OnnxFile read(ModelProto model) throws IOException {
    requireKnownParts(model);
    int opset = opset(model.getOpsetImportList());
    GraphProto graph = LocalFunctions.inlined(model, opset, source);
    requireSupported(graph.getNodeList(), opset);
    Map<String, StoredTensor> tensors = tensors(graph);
    requireFewNodes(graph, tensors);
    List<OnnxPort> inputs = inputs(graph);
    List<OnnxFile.Item> nodes = nodes(graph, opset);
    return new OnnxFile(
        source,
        opset,
        model.getProducerName() + " " + model.getProducerVersion(),
        nodes,
        tensors,
        constants(graph),
        inputs,
        outputs(graph));
  }

  private static Set<String> constants(GraphProto graph) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getDocString().equals(CONSTANT))
        .map(TensorProto::getName)
        .collect(Collectors.toSet());
  }

  private FormatException bad(String what, String where, Object expected, @Nullable Object found) {
    return new FormatException(
        what, source + ", " + where, expected, found, "fetch or export the model again");
  }

  private void requireKnownParts(ModelProto model) throws FormatException {
    if (model.getIrVersion() == 0 && !model.hasGraph()) {
      throw bad("no ONNX model", "model", "a version of the format and a graph", "neither");
    }
    if (model.getIrVersion() < 3 || model.getIrVersion() > 13) {
      throw bad("version of the format not supported", "model", "3 to 13", model.getIrVersion());
    }
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw bad("no graph", "model", "a graph with nodes", "none");
    }
    GraphProto graph = model.getGraph();
    if (model.getTrainingInfoCount() > 0) {
      throw new FormatException(
          "part of the format not supported",
          source + ", model",
          "a graph alone",
          model.getTrainingInfoCount() + " training graphs",
          "take them out: del model.training_info[:]");
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new FormatException(
          "part of the format not supported",
          source + ", model",
          "dense tensors",
          graph.getSparseInitializerCount() + " sparse initialisers",
          "store them as dense initialisers");
    }
  }

  /** Each node takes time in every pass; networks of thousands of them store numbers for each. */
  private void requireFewNodes(GraphProto graph, Map<String, StoredTensor> tensors)
      throws FormatException {
    long stored = tensors.values().stream().mapToLong(each -> each.shape().size()).sum();
    for (NodeProto node : graph.getNodeList()) {
      // a weight may stand in a node that is a constant
      if (node.getOpType().equals("Constant")) {
        stored += node.getSerializedSize() / Float.BYTES;
      }
    }
    long most = Math.min(MemoryBound.NODES, PLAIN_NODES + stored / STORED_PER_NODE);
    if (graph.getNodeCount() > most) {
      throw new FormatException(
          "too many nodes",
          source + ", model",
          "at most "
              + most
              + ", as "
              + PLAIN_NODES
              + " and one for each "
              + STORED_PER_NODE
              + " stored numbers, but never more than "
              + MemoryBound.NODES,
          graph.getNodeCount() + " with " + stored + " stored numbers",
          "export the network without unrolled loops");
    }
  }

  private int opset(List<OperatorSetIdProto> imports) throws FormatException {
    Set<Long> versions = new LinkedHashSet<>();
    for (OperatorSetIdProto each : imports) {
      if (isStandard(each.getDomain())) {
        versions.add(each.getVersion());
      }
    }
    if (versions.size() != 1
        || versions.iterator().next() < LEAST_OPSET
        || versions.iterator().next() > MOST_OPSET) {
      throw new FormatException(
          "operator set not supported",
          source + ", model",
          "one version from " + LEAST_OPSET + " to " + MOST_OPSET,
          versions,
          "export the model with operator set 17");
    }
    return versions.iterator().next().intValue();
  }

  static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
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
      throw bad("input is no tensor", where, "a dense tensor", proto.getValueCase());
    }
    ElementType type = ElementType.find(proto.getTensorType().getElemType());
    if (type == null) {
      throw bad(
          "tensor type not supported",
          where,
          "a float, integer or boolean type",
          "type " + proto.getTensorType().getElemType());
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
  private void requireSupported(List<NodeProto> nodes, int opset) throws FormatException {
    Map<String, Integer> missing = new TreeMap<>();
    for (NodeProto node : nodes) {
      String name = text(node.getOpTypeBytes(), "operator of a node");
      String domain = text(node.getDomainBytes(), "domain of a node");
      Entry entry = isStandard(domain) ? OPERATORS.find(name) : null;
      if (entry == null) {
        missing.merge(isStandard(domain) ? name : domain + "." + name, 1, Integer::sum);
      } else if (entry.since() > opset) {
        missing.merge(name + " (not before operator set " + entry.since() + ")", 1, Integer::sum);
      }
    }
    if (!missing.isEmpty()) {
      int count = missing.values().stream().mapToInt(Integer::intValue).sum();
      throw new FormatException(
          "unsupported operators",
          missing.entrySet().stream()
                  .limit(100)
                  .map(each -> each.getValue() + " x " + each.getKey())
                  .collect(Collectors.joining(", "))
              + " in "
              + source,
          "those of Onnx.supportedOperators()",
          count + " of " + nodes.size() + " nodes",
          "export the part of the network before them");
    }
  }

  private List<OnnxFile.Item> nodes(GraphProto graph, int opset) throws IOException {
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
      items.add(item(new OnnxNode(proto, source, index, opset).withoutUnread(read)));
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
