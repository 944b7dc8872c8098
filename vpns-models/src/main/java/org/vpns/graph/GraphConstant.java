package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.vpns.Problem;

/** Values that belong to a graph and are never trained; immutable. */
public final class GraphConstant {
  private final int tensor;
  private final String name;
  private final Shape shape;
  private final DataType type;
  private final byte[] bytes;

  /**
   * A constant.
   *
   * @param tensor number of the tensor that holds its values
   * @param name unique name
   * @param shape its shape
   * @param type element type: floats and integers of 32 or 64 bits, 8-bit integers, booleans
   * @param bytes the values, little-endian and row-major
   * @throws IllegalArgumentException if type, shape and number of bytes do not agree
   */
  public GraphConstant(int tensor, String name, Shape shape, DataType type, byte[] bytes) {
    Problem.given(name, "new GraphConstant", "name");
    Problem.given(shape, "new GraphConstant", "shape");
    Problem.given(type, "new GraphConstant", "type");
    Problem.given(bytes, "new GraphConstant", "bytes");
    boolean known =
        switch (type) {
          case FLOAT32, FLOAT64, INT32, INT64, INT8, UINT8, BOOLEAN -> true;
          default -> false;
        };
    if (!known || shape.size() * type.getNumOfBytes() != bytes.length) {
      throw Problem.argument(
          "constant's values do not fit its shape",
          name,
          shape + " of a plain type",
          bytes.length + " bytes of " + type,
          "check the graph");
    }
    this.tensor = tensor;
    this.name = name;
    this.shape = shape;
    this.type = type;
    this.bytes = bytes.clone();
  }

  /**
   * The values of an array, without a number yet.
   *
   * @param name unique name
   */
  public static GraphConstant of(String name, NDArray array) {
    Problem.given(name, "GraphConstant.of", "name");
    Problem.given(array, "GraphConstant.of", "array");
    ByteBuffer buffer = array.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return new GraphConstant(0, name, array.getShape(), array.getDataType(), bytes);
  }

  /** Number of the tensor that holds its values. */
  public int tensor() {
    return tensor;
  }

  /** Unique name. */
  public String name() {
    return name;
  }

  /** Its shape. */
  public Shape shape() {
    return shape;
  }

  /** Element type. */
  public DataType type() {
    return type;
  }

  /** The values, little-endian and row-major; read only. */
  public ByteBuffer values() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  GraphConstant withTensor(int number) {
    return new GraphConstant(number, name, shape, type, bytes);
  }

  /** A new array with memory of its own, so that a backward pass may come late. */
  public NDArray toArray(NDManager manager) {
    Problem.given(manager, "GraphConstant.toArray", "manager");
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    direct.put(bytes).rewind();
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalStateException("only little-endian machines are supported");
    }
    try (NDArray borrowed = manager.create(direct, shape, type)) {
      return borrowed.duplicate();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GraphConstant that
        && tensor == that.tensor
        && name.equals(that.name)
        && shape.equals(that.shape)
        && type == that.type
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(tensor, name, shape, type, Arrays.hashCode(bytes));
  }

  @Override
  public String toString() {
    return name + " " + shape + " " + type;
  }
}
