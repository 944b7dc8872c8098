package org.vpns.internal.graph.width;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
import org.vpns.internal.graph.op.TransposedConvolution;
import org.vpns.internal.graph.width.Positions.Role;

/**
 * How positions pass through one node: what is known of its outputs, given what is known of its
 * inputs, weights included; which axes lose the same, which lose nothing; and which operator does
 * for what stays what the old one did for all. One rule for each type of operator, whatever {@link
 * Positions} are.
 */
public final class WidthRules {
  private static final ImmutableMap<Class<?>, BiFunction<WidthRules, Operator, Result>> RULES =
      new Table()
          .put(Layers.Convolution.class, WidthRules::convolution)
          .put(TransposedConvolution.class, WidthRules::transposedConvolution)
          .put(Layers.Linear.class, WidthRules::linear)
          .put(Layers.BatchNorm.class, WidthRules::batchNorm)
          .put(Layers.LayerNorm.class, WidthRules::layerNorm)
          .put(Layers.MatMul.class, WidthRules::matMul)
          .put(Layers.Dropout.class, WidthRules::same)
          .put(Pooling.Pool.class, WidthRules::pool)
          .put(Pooling.GlobalPool.class, WidthRules::globalPool)
          .put(Elementwise.Unary.class, WidthRules::same)
          .put(Elementwise.Sloped.class, WidthRules::same)
          .put(Elementwise.Binary.class, WidthRules::broadcast)
          .put(Elementwise.WithNumber.class, WidthRules::same)
          .put(Elementwise.Clip.class, WidthRules::same)
          .put(Elementwise.Where.class, WidthRules::broadcast)
          .put(Elementwise.Cast.class, WidthRules::same)
          .put(Filling.FillLike.class, WidthRules::same)
          .put(Reductions.Reduce.class, WidthRules::reduce)
          .put(Reductions.ArgExtreme.class, WidthRules::argExtreme)
          .put(Reductions.TopK.class, WidthRules::topK)
          .put(Reductions.Softmax.class, WidthRules::softmax)
          .put(Joining.Concat.class, MovingRules::concat)
          .put(Joining.Stack.class, MovingRules::stack)
          .put(Joining.Split.class, MovingRules::split)
          .put(Indexing.Slice.class, MovingRules::slice)
          .put(Indexing.Take.class, MovingRules::take)
          .put(Indexing.Gather.class, MovingRules::gather)
          .put(Shaping.Reshape.class, MovingRules::reshape)
          .put(Shaping.Transpose.class, MovingRules::transpose)
          .put(Shaping.Squeeze.class, MovingRules::squeeze)
          .put(Shaping.ExpandDims.class, MovingRules::expandDims)
          .put(Shaping.Broadcast.class, MovingRules::broadcastTo)
          .put(Shaping.Pad.class, MovingRules::pad)
          .put(Shaping.Flip.class, MovingRules::flip)
          .rules
          .buildOrThrow();

  private final Positions positions;
  private final List<@Nullable Shape> shapes;
  private final List<Axes> inputs;
  private final List<Shape> made;

  /**
   * What becomes of the node.
   *
   * @param operator the operator for what stays
   * @param outputs what is known of each output
   */
  public record Result(Operator operator, List<Axes> outputs) {}

  /** One rule for each type of operator. */
  private static final class Table {
    final ImmutableMap.Builder<Class<?>, BiFunction<WidthRules, Operator, Result>> rules =
        ImmutableMap.builder();

    <T extends Operator> Table put(Class<T> type, BiFunction<WidthRules, T, Result> rule) {
      rules.put(type, (node, operator) -> rule.apply(node, type.cast(operator)));
      return this;
    }
  }

  private WidthRules(
      Positions positions, List<@Nullable Shape> shapes, List<Axes> inputs, List<Shape> made) {
    this.positions = positions;
    this.shapes = shapes;
    this.inputs = inputs;
    this.made = made;
  }

  /**
   * What becomes of a node; nothing, if its inputs stay whole.
   *
   * @param positions what positions are there
   * @param shapes of its inputs as they were; null for absent ones
   * @param inputs what is known of them
   * @param made shapes of its outputs as they were
   * @throws IllegalArgumentException if {@code positions} refuses what happens there
   */
  public static Result of(
      Operator operator,
      Positions positions,
      List<@Nullable Shape> shapes,
      List<Axes> inputs,
      List<Shape> made) {
    BiFunction<WidthRules, Operator, Result> rule = RULES.get(operator.getClass());
    boolean isWhole = inputs.stream().allMatch(Axes::isWhole);
    if (!isWhole && rule == null) {
      positions.unknown(operator, inputs);
    }
    if (isWhole || rule == null) {
      return new Result(
          operator, made.stream().map(shape -> Axes.whole(shape.dimension())).toList());
    }
    return rule.apply(new WidthRules(positions, shapes, inputs, made), operator);
  }

  /** Whether there is a rule for a type of operator. */
  public static boolean isKnown(Class<? extends Operator> type) {
    return RULES.containsKey(type);
  }

  /** Names of the types of operators that have a rule. */
  static String known() {
    return RULES.keySet().stream()
        .map(type -> type.getSimpleName().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  Positions positions() {
    return positions;
  }

  int inputs() {
    return inputs.size();
  }

  Axes input(int input) {
    return inputs.get(input);
  }

  int @Nullable [] axis(int input, int axis) {
    return input(input).axis(axis);
  }

  List<Shape> made() {
    return made;
  }

  Shape shape(int input) {
    Shape shape = shapes.get(input);
    if (shape == null) {
      throw new IllegalStateException("input " + input + " is missing");
    }
    return shape;
  }

  int length(int input, int axis) {
    return Math.toIntExact(shape(input).get(axis));
  }

  /** All axes of an input but these lose nothing. */
  void wholeBut(int input, String expected, int... axes) {
    for (int d = 0; d < input(input).rank(); d++) {
      int at = d;
      if (IntStream.of(axes).noneMatch(a -> a == at)) {
        positions.whole(expected, axis(input, d));
      }
    }
  }

  /** Outputs of which the same is known as of the first input. */
  Result same(Operator operator) {
    return new Result(operator, Collections.nCopies(made.size(), input(0)));
  }

  static Result result(Operator operator, Axes output) {
    return new Result(operator, List.of(output));
  }

  private Result convolution(Layers.Convolution conv) {
    Shape weight = shape(1);
    int @Nullable [] channels = axis(0, 1);
    int @Nullable [] rows = axis(1, 0);
    int groups = conv.groups();
    int per = length(1, 1);
    int rowsPer = length(1, 0) / groups;
    wholeBut(0, "channels alone", 1);
    wholeBut(1, "rows and channels alone", 0, 1);
    if (groups > 1 && per == 1) {
      int[] made = positions.repeated(channels, groups, rowsPer);
      positions.same("channels and rows", made, rows);
      positions.role(1, rows, Role.THROUGH);
      groups = channels == null ? groups : channels.length;
    } else {
      int[] read = positions.tiled(axis(1, 1), per, groups);
      positions.same(
          groups == 1
              ? "channels and columns of the weight"
              : "channels in all " + groups + " groups",
          channels,
          read);
      positions.blocks(rows, length(1, 0), groups);
      positions.role(1, axis(1, 1), Role.IN);
      positions.role(1, rows, Role.OUT);
    }
    bias(rows);
    return result(
        new Layers.Convolution(conv.stride(), conv.padding(), conv.dilation(), groups),
        Axes.whole(weight.dimension()).with(1, rows));
  }

  /** Its weight has a row for each channel it reads, and a column for each it makes in a group. */
  private Result transposedConvolution(TransposedConvolution conv) {
    int @Nullable [] channels = axis(0, 1);
    int @Nullable [] columns = axis(1, 1);
    int groups = conv.groups();
    int per = length(1, 1);
    wholeBut(0, "channels alone", 1);
    wholeBut(1, "rows and columns alone", 0, 1);
    positions.same("channels and rows of the weight", channels, axis(1, 0));
    int @Nullable [] made;
    if (groups > 1 && length(1, 0) == groups) {
      positions.whole("all columns of a depthwise weight", columns);
      positions.role(1, axis(1, 0), Role.THROUGH);
      made = positions.repeated(channels, groups, per);
      groups = channels == null ? groups : channels.length;
    } else {
      positions.blocks(channels, length(1, 0), groups);
      positions.role(1, axis(1, 0), Role.IN);
      positions.role(1, columns, Role.OUT);
      made = positions.tiled(columns, per, groups);
    }
    bias(made);
    return result(
        new TransposedConvolution(conv.stride(), conv.cut(), conv.dilation(), groups),
        Axes.whole(input(0).rank()).with(1, made));
  }

  private void bias(int @Nullable [] rows) {
    if (inputs() > 2 && shapes.get(2) != null) {
      positions.same("rows and biases", rows, axis(2, 0));
    }
  }

  private Result linear(Layers.Linear linear) {
    int last = input(0).rank() - 1;
    int @Nullable [] rows = axis(1, 0);
    positions.same("inputs and columns of the weight", axis(0, last), axis(1, 1));
    positions.role(1, axis(1, 1), Role.IN);
    positions.role(1, rows, Role.OUT);
    bias(rows);
    return result(linear, input(0).with(last, rows));
  }

  private Result batchNorm(Layers.BatchNorm norm) {
    for (int i = 1; i <= 4; i++) {
      positions.same("channels and statistics", axis(0, norm.channelAxis()), axis(i, 0));
    }
    return same(norm);
  }

  /** Takes its mean and variance over what stays. */
  private Result layerNorm(Layers.LayerNorm norm) {
    int first = input(0).rank() - norm.shape().dimension();
    for (int d = 0; d < norm.shape().dimension(); d++) {
      positions.same("positions and scales", axis(0, first + d), axis(1, d));
      positions.same("positions and scales", axis(0, first + d), axis(2, d));
      positions.measured(axis(0, first + d));
    }
    return same(new Layers.LayerNorm(input(0).of(shape(0)).slice(first), norm.eps()));
  }

  private Result matMul(Layers.MatMul product) {
    int a = input(0).rank();
    int b = input(1).rank();
    positions.same("columns and rows", axis(0, a - 1), axis(1, b - 2));
    positions.role(0, axis(0, a - 1), Role.IN);
    positions.role(0, axis(0, a - 2), Role.OUT);
    positions.role(1, axis(1, b - 2), Role.IN);
    positions.role(1, axis(1, b - 1), Role.OUT);
    int rank = made.get(0).dimension();
    Axes all = leading(rank, rank - 2, 0, 1);
    return result(product, all.with(rank - 2, axis(0, a - 2)).with(rank - 1, axis(1, b - 1)));
  }

  private Result broadcast(Operator operator) {
    int rank = made.get(0).dimension();
    return result(operator, leading(rank, rank, IntStream.range(0, inputs()).toArray()));
  }

  /**
   * What is known of the first axes that inputs broadcast to: they lose the same, but for lengths
   * of 1.
   */
  Axes leading(int rank, int axes, int... read) {
    Axes result = Axes.whole(rank);
    for (int d = 0; d < axes; d++) {
      boolean first = true;
      for (int input : read) {
        int a = d - rank + input(input).rank();
        if (a >= 0 && shape(input).get(a) != 1) {
          if (!first) {
            positions.same("positions of all operands", result.axis(d), axis(input, a));
          }
          result = result.with(d, axis(input, a));
          first = false;
        }
      }
    }
    return result;
  }

  private Result pool(Pooling.Pool pool) {
    wholeBut(0, "channels alone", 0, 1);
    return result(pool, Axes.whole(input(0).rank()).with(0, axis(0, 0)).with(1, axis(0, 1)));
  }

  private Result globalPool(Pooling.GlobalPool pool) {
    if (positions.measures()) {
      IntStream.range(2, input(0).rank()).forEach(d -> positions.measured(axis(0, d)));
    } else {
      wholeBut(0, "channels alone", 0, 1);
    }
    return result(pool, Axes.whole(2).with(0, axis(0, 0)).with(1, axis(0, 1)));
  }

  private Result reduce(Reductions.Reduce reduce) {
    Axes x = input(0);
    Axes output = x;
    int rank = x.rank();
    for (int i = rank - 1; i >= 0; i--) {
      int at = i;
      boolean gone =
          reduce.axes().isEmpty()
              || reduce.axes().stream().anyMatch(a -> Arguments.axis(a, rank, reduce) == at);
      if (gone) {
        if (positions.measures()) {
          positions.measured(x.axis(i));
        } else if (reduce.reduction() != Reductions.Kind.SUM) {
          positions.whole("a sum, to which what is removed adds nothing", x.axis(i));
        }
        output = reduce.keep() ? output.with(i, null) : output.without(i);
      }
    }
    return result(reduce, output);
  }

  /** An axis that loses nothing, counted from the front. */
  private int wholeAxis(int axis, Operator operator) {
    int at = Arguments.axis(axis, input(0).rank(), operator);
    positions.whole("the whole axis", axis(0, at));
    return at;
  }

  private Result argExtreme(Reductions.ArgExtreme extreme) {
    return result(extreme, input(0).without(wholeAxis(extreme.axis(), extreme)));
  }

  private Result topK(Reductions.TopK top) {
    Axes output = input(0).with(wholeAxis(top.axis(), top), null);
    return new Result(top, List.of(output, output));
  }

  private Result softmax(Reductions.Softmax softmax) {
    return result(softmax, input(0).with(wholeAxis(softmax.axis(), softmax), null));
  }
}
