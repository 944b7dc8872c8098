package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;

/** A node of a file in the making: inputs, then attributes, then what it makes. */
final class ExportCall {
  private final ExportNode at;
  private final NodeProto.Builder node = NodeProto.newBuilder();

  ExportCall(ExportNode at, String type, String... inputs) {
    this.at = at;
    node.setOpType(type);
    for (String input : inputs) {
      node.addInput(input);
    }
  }

  /** An integer attribute. */
  ExportCall with(String name, long value) {
    return add(integer(name, value));
  }

  /** An attribute that is a list of integers. */
  ExportCall with(String name, long[] values) {
    return add(attribute(name, AttributeType.INTS).addAllInts(Longs.asList(values)));
  }

  /** An attribute that is a list of integers. */
  ExportCall with(String name, Shape shape) {
    return with(name, shape.getShape());
  }

  /** A float attribute. */
  ExportCall with(String name, float value) {
    return add(attribute(name, AttributeType.FLOAT).setF(value));
  }

  /** The value attribute of an operator that fills: one number of a type. */
  ExportCall filling(double value, DataType type) {
    TensorProto one =
        TensorProto.newBuilder()
            .setDataType(ExportTypes.code(type))
            .addDims(1)
            .setRawData(ByteString.copyFrom(ExportTensor.number(value, type)))
            .build();
    return add(attribute("value", AttributeType.TENSOR).setT(one));
  }

  /** Ends the node with an intermediate value of the operator. */
  String as(String role) {
    String name = at.name(role);
    at.add(node.setName(name).addOutput(name));
    return name;
  }

  /** Ends the node with values of the graph. */
  void to(String... outputs) {
    for (String output : outputs) {
      node.addOutput(output);
    }
    at.add(node.setName(at.name()));
  }

  /** An integer attribute by itself. */
  static AttributeProto.Builder integer(String name, long value) {
    return attribute(name, AttributeType.INT).setI(value);
  }

  private ExportCall add(AttributeProto.Builder attribute) {
    node.addAttribute(attribute);
    return this;
  }

  private static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
