package org.vpns.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * One operator with its attributes; immutable, without weights. Arrays it works on, weights
 * included, come as inputs; an optional input that is absent is null.
 */
public interface Operator {
  /** What it is called in tables and messages, such as {@code conv} or {@code relu}. */
  String kind();

  /**
   * Runs the operator: the same engine call, with the same arguments, as the code that it was read
   * from.
   */
  NDArray[] apply(@Nullable NDArray[] inputs, ForwardPass pass);

  /**
   * Shapes of the outputs. A dimension of -1 is unknown: the batch, or what follows from it.
   *
   * @param inputs shapes of the inputs; null for an absent one
   * @param batch number of images, or -1
   * @throws IllegalArgumentException if the inputs do not fit
   */
  List<Shape> outputShapes(List<@Nullable Shape> inputs, long batch);

  /**
   * Element type of an output; default that of the first input.
   *
   * @param output number of the output, from 0
   * @param inputs types of the inputs; null for an absent one
   */
  default DataType outputType(int output, List<@Nullable DataType> inputs) {
    DataType first = inputs.isEmpty() ? null : inputs.get(0);
    if (first == null) {
      throw Problem.argument(
          "inputs do not fit the operator",
          toString(),
          "at least 1 inputs",
          inputs,
          "check the graph");
    }
    return first;
  }

  /**
   * The operator that behaves as this one at one batch size and as another at a second one, or null
   * if there is none. Default: this, if both are equal.
   */
  default @Nullable Operator generalise(Operator other, Sizes sizes) {
    return equals(other) ? this : null;
  }

  /**
   * Multiply-adds in these shapes, an open axis taken for one entry; 0 for all but convolutions and
   * products of matrices.
   */
  default long macs(List<@Nullable Shape> inputs, List<Shape> outputs) {
    return 0;
  }

  /**
   * Whether all entries of an input take part in equally many of the multiply-adds, so that a
   * weight there leaves them out in proportion to its zeros. Default: no.
   *
   * @param input number of the input, from 0
   */
  default boolean sharesMacs(int input) {
    return false;
  }

  /**
   * Whether an input is a running statistic: training passes move it, and no gradient reaches it.
   * Default: no.
   *
   * @param input number of the input, from 0
   */
  default boolean isStatistic(int input) {
    return false;
  }

  /**
   * Two batch sizes of a trace, and the shapes of an operator's inputs at each.
   *
   * @param batch first batch size
   * @param otherBatch second batch size
   * @param inputs shapes at the first one
   * @param otherInputs shapes at the second one
   */
  record Sizes(
      long batch,
      long otherBatch,
      List<@Nullable Shape> inputs,
      List<@Nullable Shape> otherInputs) {
    /** Copies the lists. */
    public Sizes {
      inputs =
          Collections.unmodifiableList(
              new ArrayList<>(Problem.given(inputs, "new Operator.Sizes", "inputs")));
      otherInputs =
          Collections.unmodifiableList(
              new ArrayList<>(Problem.given(otherInputs, "new Operator.Sizes", "otherInputs")));
    }

    /** Whether two dimensions are the batch sizes. */
    public boolean isBatch(long dimension, long otherDimension) {
      return dimension == batch && otherDimension == otherBatch;
    }
  }
}
