package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that make arrays of one value. */
public final class Filling {
  private Filling() {}

  /**
   * An array of one value; no inputs.
   *
   * @param shape lengths of the axes; 0 = the batch
   * @param value the value
   * @param type element type
   */
  public record Fill(List<Long> shape, double value, DataType type) implements Operator {
    /** Copies the list. */
    public Fill {
      shape = ImmutableList.copyOf(shape);
    }

    @Override
    public String kind() {
      return "fill";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      Shape full = new Shape(Shaping.withBatch(shape, pass.batch()));
      NDArray zeros = pass.manager().zeros(full, type);
      return one(value == 0 ? zeros : zeros.add(value).toType(type, false));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(new Shape(Shaping.withBatch(shape, batch)));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      return type;
    }
  }

  /**
   * Zeros or ones of an array's shape and type.
   *
   * @param ones whether ones
   */
  public record FillLike(boolean ones) implements Operator {
    @Override
    public String kind() {
      return ones ? "onesLike" : "zerosLike";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(ones ? array(in, 0).onesLike() : array(in, 0).zerosLike());
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }
  }
}
