package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;

/**
 * What one method call on an array means.
 *
 * @param operator the operator
 * @param inputs arrays that it reads, in the operator's order
 * @param use what else the call does
 */
record Call(Operator operator, List<@Nullable NDArray> inputs, Use use) {
  /** What a call does beside giving a result. */
  enum Use {
    /** Nothing. */
    PURE,
    /** Its result shares memory with its first input. */
    VIEW,
    /** Its result is written over its first input. */
    IN_PLACE
  }

  static Call of(Operator operator, @Nullable NDArray... inputs) {
    return new Call(operator, Arrays.asList(inputs), Use.PURE);
  }

  static Call view(Operator operator, @Nullable NDArray... inputs) {
    return new Call(operator, Arrays.asList(inputs), Use.VIEW);
  }

  static Call of(Operator operator, List<NDArray> inputs) {
    return new Call(operator, List.copyOf(inputs), Use.PURE);
  }

  Call inPlace() {
    return new Call(operator, inputs, Use.IN_PLACE);
  }
}
