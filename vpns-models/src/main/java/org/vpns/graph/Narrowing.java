package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Filling;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;

/**
 * How kept positions pass through one node: what stays of its outputs, given what stays of its
 * inputs, weights included, and which operator does for them what the old one did for all. Both
 * sides of a width must keep the same, or the node is refused.
 */
final class Narrowing {
  private static final ImmutableMap<Class<?>, BiFunction<Narrowing, Operator, Result>> RULES =
      new Table()
          .put(Layers.Convolution.class, Narrowing::convolution)
          .put(Layers.Linear.class, Narrowing::linear)
          .put(Layers.BatchNorm.class, Narrowing::batchNorm)
          .put(Layers.LayerNorm.class, Narrowing::layerNorm)
          .put(Layers.MatMul.class, Narrowing::matMul)
          .put(Layers.Dropout.class, Narrowing::same)
          .put(Pooling.Pool.class, Narrowing::pool)
          .put(Pooling.GlobalPool.class, Narrowing::globalPool)
          .put(Elementwise.Unary.class, Narrowing::same)
          .put(Elementwise.Sloped.class, Narrowing::same)
          .put(Elementwise.Binary.class, Narrowing::broadcast)
          .put(Elementwise.WithNumber.class, Narrowing::same)
          .put(Elementwise.Clip.class, Narrowing::same)
          .put(Elementwise.Where.class, Narrowing::broadcast)
          .put(Elementwise.Cast.class, Narrowing::same)
          .put(Filling.FillLike.class, Narrowing::same)
          .put(Reductions.Reduce.class, Narrowing::reduce)
          .put(Reductions.ArgExtreme.class, Narrowing::argExtreme)
          .put(Reductions.TopK.class, Narrowing::topK)
          .put(Reductions.Softmax.class, Narrowing::softmax)
          .put(Joining.Concat.class, MovedPositions::concat)
          .put(Joining.Stack.class, MovedPositions::stack)
          .put(Joining.Split.class, MovedPositions::split)
          .put(Indexing.Slice.class, MovedPositions::slice)
          .put(Indexing.Take.class, MovedPositions::take)
          .put(Shaping.Reshape.class, MovedPositions::reshape)
          .put(Shaping.Transpose.class, MovedPositions::transpose)
          .put(Shaping.Squeeze.class, MovedPositions::squeeze)
          .put(Shaping.ExpandDims.class, MovedPositions::expandDims)
          .put(Shaping.Broadcast.class, MovedPositions::broadcastTo)
          .put(Shaping.Pad.class, MovedPositions::pad)
          .put(Shaping.Flip.class, MovedPositions::flip)
          .rules
          .buildOrThrow();

  private final GraphNode node;
  private final List<@Nullable Shape> shapes;
  private final List<Kept> kept;
  private final List<Shape> made;

  /**
   * What becomes of the node.
   *
   * @param operator the operator for what stays
   * @param outputs what stays of each output
   */
  record Result(Operator operator, List<Kept> outputs) {}

  /** One rule for each type of operator. */
  private static final class Table {
    final ImmutableMap.Builder<Class<?>, BiFunction<Narrowing, Operator, Result>> rules =
        ImmutableMap.builder();

    <T extends Operator> Table put(Class<T> type, BiFunction<Narrowing, T, Result> rule) {
      rules.put(type, (narrowing, operator) -> rule.apply(narrowing, type.cast(operator)));
      return this;
    }
  }

  private Narrowing(
      GraphNode node, List<@Nullable Shape> shapes, List<Kept> kept, List<Shape> made) {
    this.node = node;
    this.shapes = shapes;
    this.kept = kept;
    this.made = made;
  }

  /**
   * What becomes of a node; nothing, if its inputs keep all positions.
   *
   * @param shapes of its inputs as they were; null for absent ones
   * @param kept of its inputs
   * @param made shapes of its outputs as they were
   * @throws IllegalArgumentException if its operator is not known here, or what stays does not fit
   */
  static Result of(
      GraphNode node, List<@Nullable Shape> shapes, List<Kept> kept, List<Shape> made) {
    if (kept.stream().allMatch(Kept::isAll)) {
      return new Result(
          node.operator(), made.stream().map(shape -> Kept.all(shape.dimension())).toList());
    }
    BiFunction<Narrowing, Operator, Result> rule = RULES.get(node.operator().getClass());
    if (rule == null) {
      throw Problem.argument(
          "operator that cannot be narrowed",
          "'" + node.operator().kind() + "' at node '" + node.name() + "'",
          RULES.keySet().stream()
              .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", ")),
          node.operator(),
          "keep the whole width of what it reads");
    }
    return rule.apply(new Narrowing(node, shapes, kept, made), node.operator());
  }

  IllegalArgumentException refused(String expected, Object found) {
    return Problem.argument(
        "narrowing does not fit",
        "node '" + node.name() + "' (" + node.operator().kind() + ")",
        expected,
        found,
        "keep the same positions on both sides, or the whole width");
  }

  private void requireWholeBut(int input, String expected, int... axes) {
    if (!kept(input).isWholeBut(axes)) {
      throw refused(expected, "positions of other axes of input " + input + " removed");
    }
  }

  int inputs() {
    return kept.size();
  }

  Kept kept(int input) {
    return kept.get(input);
  }

  List<Shape> made() {
    return made;
  }

  void requireSame(String what, int @Nullable [] a, int @Nullable [] b) {
    if (!Arrays.equals(a, b)) {
      throw refused("the same " + what, Kept.text(a) + " and " + Kept.text(b));
    }
  }

  Shape shape(int input) {
    Shape shape = shapes.get(input);
    if (shape == null) {
      throw new IllegalStateException("input " + input + " is missing");
    }
    return shape;
  }

  int @Nullable [] axis(int input, int axis) {
    return kept(input).axis(axis);
  }

  /** Outputs that keep what the first input keeps. */
  Result same(Operator operator) {
    return new Result(operator, Collections.nCopies(made.size(), kept(0)));
  }

  static Result result(Operator operator, Kept output) {
    return new Result(operator, List.of(output));
  }

  private Result convolution(Layers.Convolution conv) {
    Shape weight = shape(1);
    int @Nullable [] channels = axis(0, 1);
    int @Nullable [] rows = axis(1, 0);
    int groups = conv.groups();
    int per = Math.toIntExact(weight.get(1));
    requireWholeBut(0, "channels alone", 1);
    requireWholeBut(1, "rows and channels alone", 0, 1);
    if (groups == 1) {
      requireSame("channels and columns of the weight", channels, axis(1, 1));
    } else if (per == 1) {
      int each = Math.toIntExact(weight.get(0) / groups);
      int[] whole = Kept.positions(channels, groups);
      int[] expected =
          IntStream.of(whole).flatMap(c -> IntStream.range(c * each, (c + 1) * each)).toArray();
      requireSame("channels and rows", Kept.simplified(expected, weight.get(0)), rows);
      groups = whole.length;
    } else {
      requireBlocks(groups, per, Math.toIntExact(weight.get(0) / groups));
    }
    requireBias(rows);
    return result(
        new Layers.Convolution(conv.stride(), conv.padding(), conv.dilation(), groups),
        Kept.all(weight.dimension()).with(1, rows));
  }

  /** Every block of a grouped convolution loses the same channels, and as many rows. */
  private void requireBlocks(int groups, int per, int rowsPer) {
    int[] columns = Kept.positions(axis(1, 1), per);
    int[] expected =
        IntStream.range(0, groups)
            .flatMap(b -> IntStream.of(columns).map(c -> b * per + c))
            .toArray();
    requireSame(
        "channels in all " + groups + " groups",
        Kept.simplified(expected, (long) groups * per),
        axis(0, 1));
    int[] rows = Kept.positions(axis(1, 0), (long) groups * rowsPer);
    int now = rows.length / groups;
    for (int i = 0; i < rows.length; i++) {
      if (now * groups != rows.length || rows[i] / rowsPer != i / now) {
        throw refused("as many rows of each of " + groups + " groups", Kept.text(rows));
      }
    }
  }

  private void requireBias(int @Nullable [] rows) {
    if (kept.size() > 2 && shapes.get(2) != null) {
      requireSame("rows and biases", rows, axis(2, 0));
    }
  }

  private Result linear(Layers.Linear linear) {
    int last = kept(0).rank() - 1;
    requireSame("inputs and columns of the weight", axis(0, last), axis(1, 1));
    requireBias(axis(1, 0));
    return result(linear, kept(0).with(last, axis(1, 0)));
  }

  private Result batchNorm(Layers.BatchNorm norm) {
    for (int i = 1; i <= 4; i++) {
      requireSame("channels and statistics", axis(0, norm.channelAxis()), axis(i, 0));
    }
    return same(norm);
  }

  /** Takes its mean and variance over what stays. */
  private Result layerNorm(Layers.LayerNorm norm) {
    int first = kept(0).rank() - norm.shape().dimension();
    for (int i = 1; i <= 2; i++) {
      for (int d = 0; d < norm.shape().dimension(); d++) {
        requireSame("positions and scales", axis(0, first + d), axis(i, d));
      }
    }
    return same(new Layers.LayerNorm(kept(0).of(shape(0)).slice(first), norm.eps()));
  }

  private Result matMul(Layers.MatMul product) {
    int a = kept(0).rank();
    int b = kept(1).rank();
    requireSame("columns and rows", axis(0, a - 1), axis(1, b - 2));
    int rank = made.get(0).dimension();
    Kept all = leading(rank, rank - 2, 0, 1);
    return result(product, all.with(rank - 2, axis(0, a - 2)).with(rank - 1, axis(1, b - 1)));
  }

  private Result broadcast(Operator operator) {
    int rank = made.get(0).dimension();
    return result(operator, leading(rank, rank, IntStream.range(0, kept.size()).toArray()));
  }

  /**
   * What inputs that broadcast to a rank keep of its first axes: the same, but for lengths of 1.
   */
  Kept leading(int rank, int axes, int... inputs) {
    Kept result = Kept.all(rank);
    for (int d = 0; d < axes; d++) {
      boolean first = true;
      for (int input : inputs) {
        int a = d - rank + kept(input).rank();
        if (a >= 0 && shape(input).get(a) != 1) {
          if (!first) {
            requireSame("positions of all operands", result.axis(d), axis(input, a));
          }
          result = result.with(d, axis(input, a));
          first = false;
        }
      }
    }
    return result;
  }

  private Result pool(Pooling.Pool pool) {
    requireWholeBut(0, "channels alone", 0, 1);
    return same(pool);
  }

  private Result globalPool(Pooling.GlobalPool pool) {
    requireWholeBut(0, "channels alone", 0, 1);
    return result(pool, Kept.all(2).with(0, axis(0, 0)).with(1, axis(0, 1)));
  }

  private Result reduce(Reductions.Reduce reduce) {
    Kept x = kept(0);
    Kept output = x;
    int rank = x.rank();
    for (int i = rank - 1; i >= 0; i--) {
      int at = i;
      boolean gone =
          reduce.axes().isEmpty()
              || reduce.axes().stream().anyMatch(a -> Arguments.axis(a, rank, reduce) == at);
      if (gone) {
        if (x.axis(i) != null && reduce.reduction() != Reductions.Kind.SUM) {
          throw refused("a sum, to which what is removed adds nothing", reduce);
        }
        output = reduce.keep() ? output.with(i, null) : output.without(i);
      }
    }
    return result(reduce, output);
  }

  private Result argExtreme(Reductions.ArgExtreme extreme) {
    int at = Arguments.axis(extreme.axis(), kept(0).rank(), extreme);
    if (axis(0, at) != null) {
      throw refused("the whole axis", extreme);
    }
    return result(extreme, kept(0).without(at));
  }

  private Result topK(Reductions.TopK top) {
    if (axis(0, Arguments.axis(top.axis(), kept(0).rank(), top)) != null) {
      throw refused("the whole axis", top);
    }
    return new Result(top, List.of(kept(0), kept(0)));
  }

  private Result softmax(Reductions.Softmax softmax) {
    if (axis(0, Arguments.axis(softmax.axis(), kept(0).rank(), softmax)) != null) {
      throw refused("the whole axis", softmax);
    }
    return same(softmax);
  }
}
