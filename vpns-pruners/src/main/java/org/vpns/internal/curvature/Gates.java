package org.vpns.internal.curvature;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;

/**
 * The straight pieces on which a network's kinked operators work for one batch: recorded in one
 * pass and kept in others. ReLU and its like become {@code slope x + offset}, maximum pooling the
 * value at the place that was largest, dropout its own pattern.
 */
final class Gates {
  private final Map<GraphNode, Gate> gates = new HashMap<>();
  private final List<String> loose = new ArrayList<>();

  /** A straight piece in place of an operator. */
  interface Gate {
    NDArray apply(NDArray x);
  }

  /** {@code slope x + offset}, entry by entry. */
  private record Line(NDArray slope, @Nullable NDArray offset) implements Gate {
    @Override
    public NDArray apply(NDArray x) {
      NDArray product = x.mul(slope);
      return offset == null ? product : product.add(offset);
    }
  }

  /** Kinked operators that were met and are not frozen, as {@code kind at node}. */
  List<String> loose() {
    return loose;
  }

  /** Runs a node and remembers its piece. */
  NDArray[] record(GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    Operator operator = node.operator();
    if (operator instanceof Layers.Dropout && pass.training()) {
      // what dropout makes of ones is its pattern; it draws once, as in any other pass
      NDArray x = requireNonNull(in[0]);
      NDArray[] pattern = operator.apply(new NDArray[] {x.onesLike()}, pass);
      gates.put(node, new Line(pattern[0], null));
      return replay(node, in, pass);
    }
    NDArray[] out = operator.apply(in, pass);
    Gate gate = in.length == 0 || in[0] == null ? null : gate(operator, in[0], out[0]);
    if (gate != null) {
      gates.put(node, gate);
    } else if (isKinked(operator)) {
      loose.add(operator.kind() + " at " + node.name());
    }
    return out;
  }

  /** Runs a node on the piece that was recorded. */
  NDArray[] replay(GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    Gate gate = gates.get(node);
    return gate == null
        ? node.operator().apply(in, pass)
        : new NDArray[] {gate.apply(requireNonNull(in[0]))};
  }

  private static @Nullable Gate gate(Operator operator, NDArray x, NDArray y) {
    if (operator instanceof Pooling.Pool pool && pool.pool() == Pooling.Kind.MAX) {
      return pool.kernel().dimension() == 2 ? MaxChoice.of(pool, x, y.getShape()) : null;
    }
    NDArray slope = slope(operator, x);
    if (slope == null) {
      return null;
    }
    NDArray typed = slope.toType(x.getDataType(), false);
    return new Line(typed, isRelu(operator) ? null : y.sub(x.mul(typed)));
  }

  /** The derivative of an operator with kinks that works on each value by itself, or null. */
  private static @Nullable NDArray slope(Operator operator, NDArray x) {
    if (operator instanceof Elementwise.Unary unary) {
      return switch (unary.function()) {
        case RELU -> x.gt(0);
        case ABS -> x.sign();
        default -> null;
      };
    }
    if (operator instanceof Elementwise.Sloped sloped && !sloped.exponential()) {
      NDArray positive = x.gt(0).toType(x.getDataType(), false);
      return positive.mul(1 - sloped.alpha()).add(sloped.alpha());
    }
    if (operator instanceof Elementwise.Clip clip) {
      return x.gte((float) clip.low()).logicalAnd(x.lte((float) clip.high()));
    }
    if (operator instanceof Elementwise.WithNumber number) {
      return switch (number.function()) {
        case MAX -> x.gt((float) number.number());
        case MIN -> x.lt((float) number.number());
        default -> null;
      };
    }
    return null;
  }

  private static boolean isRelu(Operator operator) {
    return operator instanceof Elementwise.Unary unary
        && unary.function() == Elementwise.Function.RELU;
  }

  private static boolean isKinked(Operator operator) {
    if (operator instanceof Pooling.Pool pool) {
      return pool.pool() == Pooling.Kind.MAX;
    }
    if (operator instanceof Pooling.GlobalPool pool) {
      return pool.pool() == Pooling.Kind.MAX;
    }
    if (operator instanceof Elementwise.Binary binary) {
      return binary.function() == Elementwise.Pair.MAX || binary.function() == Elementwise.Pair.MIN;
    }
    return operator instanceof Reductions.Reduce reduce
        && (reduce.reduction() == Reductions.Kind.MAX || reduce.reduction() == Reductions.Kind.MIN);
  }
}
