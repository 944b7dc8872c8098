package org.vpns.internal.graph.width;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;

/**
 * The norms of a graph that are written out as arithmetic: c / sqrt(mean(c c) + eps), where c may
 * be x - mean(x) over the same axes. These means are of a norm, whose mean and variance follow what
 * stays, as those of a layer norm do; any other mean is a result, which channels may not leave.
 */
public final class Norms {
  private final Map<Integer, Step> makers = new HashMap<>();
  private final ListMultimap<Integer, Step> readers = ArrayListMultimap.create();
  private final IntFunction<Shape> shapes;
  private final IntPredicate constants;
  private final Set<String> means = new HashSet<>();
  private final Map<String, Set<Integer>> blocks = new HashMap<>();

  /**
   * A node of the graph.
   *
   * @param name unique name
   * @param operator what it does
   * @param inputs numbers of the tensors that it reads
   * @param outputs numbers of those that it makes
   */
  public record Step(String name, Operator operator, List<Integer> inputs, List<Integer> outputs) {}

  private Norms(IntFunction<Shape> shapes, IntPredicate constants) {
    this.shapes = shapes;
    this.constants = constants;
  }

  /**
   * Of a graph.
   *
   * @param steps its nodes
   * @param shapes shapes of tensors by number
   * @param constants whether a tensor is a constant, or absent
   */
  public static Norms of(List<Step> steps, IntFunction<Shape> shapes, IntPredicate constants) {
    Norms norms = new Norms(shapes, constants);
    for (Step step : steps) {
      step.outputs.forEach(t -> norms.makers.put(t, step));
      step.inputs.stream().distinct().forEach(t -> norms.readers.put(t, step));
    }
    steps.forEach(norms::find);
    return norms;
  }

  /** Whether a node takes the mean or the variance of a norm. */
  public boolean measures(String node) {
    return means.contains(node);
  }

  /**
   * Over which axes of a reshape's output a norm takes its mean: those of what is in a block of a
   * group norm; none for other nodes.
   */
  public Set<Integer> blocks(String node) {
    return blocks.getOrDefault(node, Set.of());
  }

  /** Looks whether a root is the deviation of a norm. */
  private void find(Step root) {
    boolean isRoot =
        root.operator() instanceof Unary unary && unary.function() == Function.SQRT
            || root.operator() instanceof WithNumber power
                && power.function() == Pair.POW
                && Math.abs(power.number()) == 0.5;
    if (!isRoot) {
      return;
    }
    int below = root.inputs().get(0);
    Step sum = makers.get(below);
    if (sum != null && isPair(sum, Pair.ADD)) { // of eps
      below = sum.inputs().stream().filter(t -> !isConstant(t)).findFirst().orElse(below);
    }
    List<Mean> variance = means(below);
    Step square = variance.isEmpty() ? null : makers.get(source(variance));
    if (square == null || !isSquare(square)) {
      return;
    }
    int centred = square.inputs().get(0);
    if (!divides(root.outputs().get(0), centred)) {
      return;
    }
    note(variance);
    Step difference = makers.get(centred);
    if (difference != null && isPair(difference, Pair.SUB) && difference.inputs().size() == 2) {
      List<Mean> mean = means(difference.inputs().get(1));
      if (!mean.isEmpty()
          && source(mean) == difference.inputs().get(0)
          && axes(mean).equals(axes(variance))) {
        note(mean);
      }
    }
  }

  private void note(List<Mean> chain) {
    chain.forEach(mean -> means.add(mean.node.name()));
    Step maker = makers.get(source(chain));
    if (maker != null && maker.operator() instanceof Shaping.Reshape) {
      blocks.put(maker.name(), axes(chain));
    }
  }

  private boolean isConstant(int tensor) {
    return constants.test(tensor);
  }

  /**
   * A mean that keeps its axes, with length 1.
   *
   * @param node who takes it
   * @param of the tensor that it is taken of
   */
  private record Mean(Step node, int of, Set<Integer> axes) {}

  private @Nullable Mean mean(int tensor) {
    Step node = makers.get(tensor);
    Step pool = node == null || node.inputs().isEmpty() ? null : maker(node);
    if (node == null) {
      return null;
    }
    if (node.operator() instanceof Reductions.Reduce reduce
        && reduce.reduction() == Reductions.Kind.MEAN
        && reduce.keep()) {
      int rank = shapes.apply(tensor).dimension();
      return new Mean(
          node,
          node.inputs().get(0),
          reduce.axes().stream()
              .map(a -> Arguments.axis(a, rank, reduce))
              .collect(Collectors.toSet()));
    }
    // a mean over all axes but the first two, with these put back
    if (node.operator() instanceof Shaping.Reshape
        && pool != null
        && pool.operator().equals(new Pooling.GlobalPool(Pooling.Kind.AVERAGE))) {
      Shape read = shapes.apply(pool.inputs().get(0));
      Shape made = shapes.apply(tensor);
      Set<Integer> axes = IntStream.range(2, read.dimension()).boxed().collect(Collectors.toSet());
      boolean keeps =
          made.dimension() == read.dimension()
              && made.slice(0, 2).equals(read.slice(0, 2))
              && axes.stream().allMatch(a -> made.get(a) == 1);
      return keeps ? new Mean(pool, pool.inputs().get(0), axes) : null;
    }
    return null;
  }

  private @Nullable Step maker(Step node) {
    return makers.get(node.inputs().get(0));
  }

  /** Means one of the other, the last first. */
  private List<Mean> means(int tensor) {
    List<Mean> chain = new ArrayList<>();
    for (Mean mean = mean(tensor); mean != null; mean = mean(mean.of)) {
      chain.add(mean);
    }
    return chain;
  }

  private static int source(List<Mean> chain) {
    return chain.get(chain.size() - 1).of;
  }

  private static Set<Integer> axes(List<Mean> chain) {
    Set<Integer> axes = new HashSet<>();
    chain.forEach(mean -> axes.addAll(mean.axes));
    return axes;
  }

  private static boolean isPair(Step node, Pair function) {
    return node.operator() instanceof Binary binary && binary.function() == function
        || node.operator() instanceof WithNumber number && number.function() == function;
  }

  private static boolean isSquare(Step node) {
    return node.operator() instanceof Unary unary && unary.function() == Function.SQUARE
        || node.operator() instanceof Binary binary
            && binary.function() == Pair.MUL
            && node.inputs().get(0).equals(node.inputs().get(1))
        || node.operator() instanceof WithNumber power
            && power.function() == Pair.POW
            && power.number() == 2;
  }

  /** Whether a tensor divides another, or one over it multiplies it. */
  private boolean divides(int deviation, int centred) {
    return readers.get(deviation).stream()
        .anyMatch(
            node ->
                isPair(node, Pair.MUL) && node.inputs().contains(centred)
                    || isPair(node, Pair.DIV) && node.inputs().get(0) == centred
                    || isOver(node, deviation) && divides(node.outputs().get(0), centred));
  }

  /** Whether a node makes something over a tensor. */
  private static boolean isOver(Step node, int tensor) {
    return node.operator() instanceof WithNumber power
            && power.function() == Pair.POW
            && power.number() == -1
        || node.operator() instanceof Binary binary
            && binary.function() == Pair.DIV
            && node.inputs().get(1) == tensor;
  }
}
