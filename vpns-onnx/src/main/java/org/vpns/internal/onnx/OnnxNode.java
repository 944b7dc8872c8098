package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.io.FormatException;

/**
 * A node of the graph: operator, names of the values it reads and writes, and attributes. An
 * operator asks for each attribute it knows; {@link #requireAllRead} then finds those that nobody
 * asked for, so that no attribute is ignored unseen.
 */
final class OnnxNode {
  private static final int MAX_LIST = 1 << 16;

  private final String source;
  private final int index;
  private final int opset;
  private final String name;
  private final String operator;
  private final ImmutableList<String> inputs;
  private final ImmutableList<String> outputs;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();
  private ImmutableList<Guard> guards = ImmutableList.of();

  /**
   * @param source the file, for messages
   * @param index position in the graph
   * @throws FormatException if an attribute is doubled or without a type
   */
  OnnxNode(NodeProto proto, String source, int index, int opset) throws FormatException {
    this.source = source;
    this.index = index;
    this.opset = opset;
    this.name = proto.getName();
    this.operator = proto.getOpType();
    this.inputs = ImmutableList.copyOf(proto.getInputList());
    this.outputs = ImmutableList.copyOf(proto.getOutputList());
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.getType() == AttributeType.UNDEFINED
          || !attribute.getRefAttrName().isEmpty()
          || attributes.put(attribute.getName(), attribute) != null) {
        throw bad(
            "malformed attribute",
            "each attribute once and with its type",
            "'" + attribute.getName() + "' twice, without type or as a reference",
            "export the model again");
      }
    }
  }

  private OnnxNode(OnnxNode node, ImmutableList<String> inputs, ImmutableList<String> outputs) {
    this.source = node.source;
    this.index = node.index;
    this.opset = node.opset;
    this.name = node.name;
    this.operator = node.operator;
    this.inputs = inputs;
    this.outputs = outputs;
    this.attributes.putAll(node.attributes);
    this.guards = node.guards;
  }

  /** The same node, which runs only where all of these hold. */
  OnnxNode under(ImmutableList<Guard> conditions) {
    OnnxNode node = new OnnxNode(this, inputs, outputs);
    node.guards = conditions;
    return node;
  }

  /** What must hold for it to run, the outermost first. */
  List<Guard> guards() {
    return guards;
  }

  /** The same node with another value at one of its inputs. */
  OnnxNode withInput(int input, String value) {
    List<String> changed = new ArrayList<>(inputs);
    changed.set(input, value);
    return new OnnxNode(this, ImmutableList.copyOf(changed), outputs);
  }

  /** The same node with other names for some of what it reads. */
  OnnxNode withInputs(Map<String, String> names) {
    return new OnnxNode(
        this,
        inputs.stream()
            .map(input -> names.getOrDefault(input, input))
            .collect(ImmutableList.toImmutableList()),
        outputs);
  }

  /**
   * The same node without the names of outputs after the first that nobody reads, which then need
   * not be made: masks of dropout, statistics of normalisations.
   */
  OnnxNode withoutUnread(Set<String> read) {
    List<String> wanted = new ArrayList<>(outputs);
    for (int i = 1; i < wanted.size(); i++) {
      if (!read.contains(wanted.get(i))) {
        wanted.set(i, "");
      }
    }
    return new OnnxNode(this, inputs, ImmutableList.copyOf(wanted));
  }

  /** Operator, such as {@code Conv}. */
  String operator() {
    return operator;
  }

  /** The node's own name; may be empty or shared. */
  String name() {
    return name;
  }

  /** Names of the values it reads; an empty name stands for an absent optional one. */
  List<String> inputs() {
    return inputs;
  }

  /** Names of the values it writes, likewise. */
  List<String> outputs() {
    return outputs;
  }

  /** Version of the operator set. */
  int opset() {
    return opset;
  }

  /** File and node, for messages. */
  String where() {
    return source + ", node " + index + (name.isEmpty() ? "" : " '" + name + "'") + ", " + operator;
  }

  /** A fault of the file, found before anything runs. */
  FormatException bad(String what, Object expected, @Nullable Object found, String remedy) {
    return new FormatException(what, where(), expected, found, remedy);
  }

  /** A fault that shows when the network runs. */
  IllegalArgumentException problem(
      String what, Object expected, @Nullable Object found, String remedy) {
    return Problem.argument(what, where(), expected, found, remedy);
  }

  /** Refuses a node with another number of inputs. */
  void requireInputs(int least, int most) throws FormatException {
    if (inputs.size() < least || inputs.size() > most) {
      throw bad(
          "wrong number of inputs",
          least == most ? least : least + " to " + most,
          inputs.size(),
          "export the model again");
    }
    for (int i = 0; i < least; i++) {
      if (inputs.get(i).isEmpty()) {
        throw bad("input missing", "input " + i, "none", "export the model again");
      }
    }
  }

  /** Refuses a node of any number of inputs that has none or leaves one out. */
  void requireEachInput() throws FormatException {
    requireInputs(Math.max(1, inputs.size()), Integer.MAX_VALUE);
  }

  /** Whether an optional input is given. */
  boolean has(int input) {
    return input < inputs.size() && !inputs.get(input).isEmpty();
  }

  /** Whether an optional output is wanted. */
  boolean wants(int output) {
    return output < outputs.size() && !outputs.get(output).isEmpty();
  }

  private @Nullable AttributeProto find(String attribute, AttributeType type)
      throws FormatException {
    read.add(attribute);
    AttributeProto found = attributes.get(attribute);
    if (found != null && found.getType() != type) {
      throw bad(
          "attribute has another type",
          "'" + attribute + "' as " + type,
          found.getType(),
          "export the model again");
    }
    return found;
  }

  /** What its attributes take of the file. */
  long attributeBytes() {
    return attributes.values().stream().mapToLong(AttributeProto::getSerializedSize).sum();
  }

  /** Whether an attribute is there. */
  boolean hasAttribute(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** An integer, or its default. */
  long integer(String attribute, long otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.INT);
    return found == null ? otherwise : found.getI();
  }

  /** An integer between two bounds, or its default. */
  int integer(String attribute, int otherwise, int least, int most) throws FormatException {
    long value = integer(attribute, otherwise);
    if (value < least || value > most) {
      throw outOfRange(attribute, least + " to " + most, value);
    }
    return (int) value;
  }

  /** An integer that has no default. */
  long requiredInteger(String attribute) throws FormatException {
    if (!hasAttribute(attribute)) {
      throw bad("attribute missing", "'" + attribute + "'", "none", "export the model again");
    }
    return integer(attribute, 0);
  }

  /** A yes or no, as 0 or 1. */
  boolean flag(String attribute, boolean otherwise) throws FormatException {
    return integer(attribute, otherwise ? 1 : 0, 0, 1) == 1;
  }

  /** A finite number, or its default. */
  float real(String attribute, float otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.FLOAT);
    float value = found == null ? otherwise : found.getF();
    if (!Float.isFinite(value)) {
      throw outOfRange(attribute, "a finite number", value);
    }
    return value;
  }

  /** A list of integers, or null. */
  long @Nullable [] integers(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.INTS);
    if (found == null) {
      return null;
    }
    if (found.getIntsCount() > MAX_LIST) {
      throw outOfRange(attribute, "at most " + MAX_LIST + " entries", found.getIntsCount());
    }
    return Longs.toArray(found.getIntsList());
  }

  /** Whether it moves the last of four axes to where channels are. */
  boolean bringsChannelsFirst() {
    AttributeProto order = attributes.get("perm");
    return order != null && order.getIntsList().equals(List.of(0L, 3L, 1L, 2L));
  }

  /** A list of numbers, or null. */
  float @Nullable [] reals(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.FLOATS);
    return found == null ? null : Floats.toArray(found.getFloatsList());
  }

  /** A list of words, or null. */
  @Nullable List<String> texts(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.STRINGS);
    return found == null
        ? null
        : found.getStringsList().stream().map(ByteString::toStringUtf8).toList();
  }

  /** A word, or its default. */
  String text(String attribute, String otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.STRING);
    return found == null ? otherwise : found.getS().toStringUtf8();
  }

  /** A tensor inside the file, or null. */
  @Nullable HostTensor tensor(String attribute) throws IOException {
    AttributeProto found = find(attribute, AttributeType.TENSOR);
    return found == null
        ? null
        : StoredTensor.check(
                found.getT(), where() + ", '" + attribute + "'", new ExternalData(null))
            .read();
  }

  /** Attributes that are known and of no effect here. */
  void ignore(String... names) {
    read.addAll(List.of(names));
  }

  /** Refuses a value of an attribute. */
  FormatException outOfRange(String attribute, Object expected, @Nullable Object found) {
    return bad(
        "attribute out of range: '" + attribute + "'",
        expected,
        found,
        "export the model without it");
  }

  /** Refuses attributes that no operator asked for. */
  void requireAllRead() throws FormatException {
    for (Map.Entry<String, AttributeProto> entry : attributes.entrySet()) {
      if (!read.contains(entry.getKey())) {
        throw bad(
            "attribute not supported",
            "one of " + read,
            "'" + entry.getKey() + "'",
            "export the model without it, at operator set 17");
      }
    }
  }
}
