package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.graph.op.Operator;
import org.vpns.graph.trace.Recording.Entry;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;

/** Stands beside a {@link Recording}. */
interface Companion {
  /** Behind most layers. */
  Operator RELU = new Elementwise.Unary(Elementwise.Function.RELU);

  /** Nobody. */
  Companion NONE = new Companion() {};

  /**
   * For runs that tell what operators there are, and of which shapes, where nobody sees a value:
   * layers with weights, which take nearly all of the time, make zeros, and what gives a number for
   * each number gives what it reads.
   */
  Companion OUTLINE =
      new Companion() {
        @Override
        public @Nullable NDArray insteadOf(Asked asked) {
          NDArray x = asked.inputs().isEmpty() ? null : asked.inputs().get(0);
          Operator operator = asked.operator();
          if (x == null) {
            return null;
          }
          if (operator instanceof Layers.BatchNorm || operator.equals(RELU)) {
            return x;
          }
          if (!(operator instanceof Layers.Weighted)) {
            return null;
          }
          List<@Nullable Shape> shapes = new ArrayList<>();
          asked.inputs().forEach(input -> shapes.add(input == null ? null : input.getShape()));
          Shape made = operator.outputShapes(shapes, x.getShape().get(0)).get(0);
          return x.getManager().zeros(made, x.getDataType());
        }
      };

  /**
   * A call of the block that is about to run, and changes none of its inputs.
   *
   * @param values numbers of the inputs
   * @param inputs what the block gives
   * @param again runs the block's own call with another array for the first input
   */
  record Asked(
      Operator operator,
      List<Integer> values,
      List<@Nullable NDArray> inputs,
      UnaryOperator<NDArray> again) {}

  /** The array that a parameter has in the run. */
  default NDArray weights(NamedParameter parameter) {
    return parameter.parameter().getArray();
  }

  /** What a call is to have made, so that it need not run; null for it to run. */
  default @Nullable NDArray insteadOf(Asked asked) {
    return null;
  }

  /** Sees what an operator has made; gives what the run goes on with, mostly that. */
  default NDList ran(Entry entry, NDList made) {
    return made;
  }

  /** Whether nothing of a run reads a value after an operator, by its position. */
  default boolean isLastUse(int value, int position) {
    return false;
  }
}
