package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;

/** One operator on its way into a file: what it reads and makes, and the nodes it becomes. */
final class ExportNode {
  private final ExportGraph file;
  private final GraphNode node;

  ExportNode(ExportGraph file, GraphNode node) {
    this.file = file;
    this.node = node;
  }

  /** Name for something that the operator needs on the way. */
  String name(String role) {
    return file.unique(node.name() + "/" + role);
  }

  /** Number of inputs, absent ones included. */
  int inputs() {
    return node.inputs().size();
  }

  /** Whether an optional input is there. */
  boolean has(int input) {
    return input < inputs() && node.inputs().get(input) != ModelGraph.ABSENT;
  }

  private int read(int input) {
    if (!has(input)) {
      throw new Unexportable("input " + input + " is missing");
    }
    return node.inputs().get(input);
  }

  /** Name of an input. */
  String in(int input) {
    return file.name(read(input));
  }

  /** Shape of an input; -1 for what depends on the batch. */
  Shape shape(int input) {
    return file.graph().tensor(read(input)).shape();
  }

  /** Element type of an input. */
  DataType type(int input) {
    return file.graph().tensor(read(input)).type();
  }

  /** Name of an input in a type, converted if it is of another. */
  String in(int input, DataType type) {
    return type(input) == type
        ? in(input)
        : call("Cast", in(input)).with("to", ExportTensor.code(type)).as("cast" + input);
  }

  /** Names of all inputs, all in one type. */
  String[] all(DataType type) {
    String[] names = new String[inputs()];
    for (int i = 0; i < names.length; i++) {
      names[i] = in(i, type);
    }
    return names;
  }

  /** Name of the first output. */
  String out() {
    return file.name(node.outputs().get(0));
  }

  /** Names of all outputs. */
  String[] outs() {
    return node.outputs().stream().map(file::name).toArray(String[]::new);
  }

  /** Shape of the first output. */
  Shape outShape() {
    return file.graph().tensor(node.outputs().get(0)).shape();
  }

  /** Element type of the outputs. */
  DataType outType() {
    return file.graph().tensor(node.outputs().get(0)).type();
  }

  /** A node of the file. */
  Call call(String type, String... inputs) {
    return new Call(type, inputs);
  }

  /** A stored list of integers. */
  String ints(String role, long... values) {
    return file.store(ExportTensor.ints(name(role), values));
  }

  /** A stored number. */
  String scalar(String role, double value, DataType type) {
    return file.store(ExportTensor.scalar(name(role), value, type));
  }

  /** Stored floats. */
  String floats(String role, List<Long> dimensions, float... values) {
    return file.store(ExportTensor.floats(name(role), dimensions, values));
  }

  /** A list of lengths, in which 0 stands for the number of images. */
  String lengths(String role, List<Long> lengths) {
    if (!lengths.contains(0L)) {
      return ints(role, lengths.stream().mapToLong(Long::longValue).toArray());
    }
    List<String> parts = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i <= lengths.size(); i++) {
      boolean batch = i < lengths.size() && lengths.get(i) == 0;
      if ((batch || i == lengths.size()) && begin < i) {
        long[] known = lengths.subList(begin, i).stream().mapToLong(Long::longValue).toArray();
        parts.add(ints(role + begin, known));
      }
      if (batch) {
        parts.add(file.batch());
        begin = i + 1;
      }
    }
    return parts.size() == 1
        ? parts.get(0)
        : call("Concat", parts.toArray(String[]::new)).with("axis", 0).as(role);
  }

  /** A node of the file in the making: inputs, then attributes, then what it makes. */
  final class Call {
    private final NodeProto.Builder made = NodeProto.newBuilder();

    private Call(String type, String... inputs) {
      made.setOpType(type).addAllInput(List.of(inputs));
    }

    /** An optional input of the operator, if it is there, is one of the node too. */
    Call optional(int input) {
      if (has(input)) {
        made.addInput(in(input));
      }
      return this;
    }

    /** An integer attribute. */
    Call with(String name, long value) {
      return add(attribute(name, AttributeType.INT).setI(value));
    }

    /** An attribute that is a list of integers. */
    Call with(String name, long[] values) {
      return add(attribute(name, AttributeType.INTS).addAllInts(Longs.asList(values)));
    }

    /** An attribute that is a list of integers. */
    Call with(String name, Shape shape) {
      return with(name, shape.getShape());
    }

    /** A float attribute. */
    Call with(String name, float value) {
      return add(attribute(name, AttributeType.FLOAT).setF(value));
    }

    /** The value attribute of an operator that fills: one number of a type. */
    Call filling(double value, DataType type) {
      TensorProto one =
          TensorProto.newBuilder()
              .setDataType(ExportTensor.code(type))
              .addDims(1)
              .setRawData(ByteString.copyFrom(ExportTensor.number(value, type)))
              .build();
      return add(attribute("value", AttributeType.TENSOR).setT(one));
    }

    /** Ends the node with an intermediate value of the operator. */
    String as(String role) {
      String name = name(role);
      file.add(made.setName(name).addOutput(name));
      return name;
    }

    /** Ends the node with values of the graph. */
    void to(String... outputs) {
      file.add(made.setName(node.name()).addAllOutput(List.of(outputs)));
    }

    private Call add(AttributeProto.Builder attribute) {
      made.addAttribute(attribute);
      return this;
    }

    private AttributeProto.Builder attribute(String name, AttributeType type) {
      return AttributeProto.newBuilder().setName(name).setType(type);
    }
  }
}
