package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.TensorProto;

/** Element types: the format's numbers for them, and what comes of two. */
final class ExportTypes {
  private ExportTypes() {}

  /** The format's number for an element type. */
  static int code(DataType type) {
    TensorProto.DataType number =
        switch (type) {
          case FLOAT32 -> TensorProto.DataType.FLOAT;
          case FLOAT64 -> TensorProto.DataType.DOUBLE;
          case FLOAT16 -> TensorProto.DataType.FLOAT16;
          case INT64 -> TensorProto.DataType.INT64;
          case INT32 -> TensorProto.DataType.INT32;
          case INT8 -> TensorProto.DataType.INT8;
          case UINT8 -> TensorProto.DataType.UINT8;
          case BOOLEAN -> TensorProto.DataType.BOOL;
          default -> throw new Unexportable("values of type " + type);
        };
    return number.getNumber();
  }

  /**
   * The type in which the engine combines two: float outranks integer, integer outranks boolean.
   */
  static DataType common(DataType a, DataType b) {
    int rankA = rank(a);
    int rankB = rank(b);
    if (rankA != rankB) {
      return rankA > rankB ? a : b;
    }
    return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
  }

  private static int rank(DataType type) {
    return type.isFloating() ? 2 : type == DataType.BOOLEAN ? 0 : 1;
  }
}
