package org.vpns.graph.trace;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Sets;
import java.util.Set;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Cast;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Reductions.ArgExtreme;
import org.vpns.internal.graph.op.Reductions.TopK;

/**
 * Operators whose results jump where what they read moves by a rounding: comparisons of what is
 * equal but for that, signs, roundings, remainders, the largest of several. The engine may add up
 * in another order for another number of images, so that one image alone may fall on the other
 * side.
 */
final class Jumps {
  private static final Set<Function> FUNCTIONS =
      Sets.immutableEnumSet(Function.SIGN, Function.FLOOR, Function.CEIL, Function.ROUND);

  private Jumps() {}

  /**
   * Whether a result of an operator does, which is each image's own if all that the operator reads
   * holds images in one way.
   */
  static boolean may(Operator operator, int output) {
    if (operator instanceof Binary binary) {
      return jumps(binary.function());
    }
    if (operator instanceof WithNumber number) {
      return jumps(number.function());
    }
    if (operator instanceof Cast cast) {
      return !cast.type().isFloating() && cast.type() != DataType.BOOLEAN;
    }
    return operator instanceof Unary unary && FUNCTIONS.contains(unary.function())
        || operator instanceof ArgExtreme
        || operator instanceof TopK && output == 1;
  }

  /**
   * Among how many positions a result of an operator chooses; 0 if it chooses none, or that is
   * unknown.
   *
   * @param read shape of the first input
   */
  static long choices(Operator operator, int output, Shape read) {
    int axis;
    if (operator instanceof ArgExtreme extreme) {
      axis = extreme.axis();
    } else if (operator instanceof TopK top && output == 1) {
      axis = top.axis();
    } else {
      return 0;
    }
    return Math.max(0, read.get(Arguments.axis(axis, read.dimension(), operator)));
  }

  private static boolean jumps(Pair function) {
    return function == Pair.MOD || function.isTruth() && !function.isLogical();
  }
}
