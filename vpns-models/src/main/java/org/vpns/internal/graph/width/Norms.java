package org.vpns.internal.graph.width;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;

/**
 * The norms of a graph that are written out as arithmetic: c / sqrt(mean(c c) + eps), where c may
 * be x - mean(x) over the same axes. These means are of a norm, whose mean and variance follow what
 * stays, as those of a layer norm do; any other mean is a result, which channels may not leave.
 */
public final class Norms {
  private final ModelGraph graph;
  private final Set<String> means = new HashSet<>();
  private final Map<String, Integer> blocks = new HashMap<>();

  private Norms(ModelGraph graph) {
    this.graph = graph;
  }

  /** Of a graph. */
  public static Norms of(ModelGraph graph) {
    Norms norms = new Norms(graph);
    graph.nodes().forEach(norms::find);
    return norms;
  }

  /** Whether a node takes the mean or the variance of a norm. */
  public boolean measures(GraphNode node) {
    return means.contains(node.name());
  }

  /**
   * Along which axis of a reshape's output a norm takes its mean: the axis of what is in a block of
   * a group norm; null for other nodes.
   */
  public @Nullable Integer blocks(GraphNode node) {
    return blocks.get(node.name());
  }

  /** Looks whether a root is the deviation of a norm. */
  private void find(GraphNode root) {
    boolean isRoot =
        root.operator() instanceof Unary unary && unary.function() == Function.SQRT
            || root.operator() instanceof WithNumber power
                && power.function() == Pair.POW
                && Math.abs(power.number()) == 0.5;
    if (!isRoot) {
      return;
    }
    GraphNode below = maker(root, 0);
    if (below != null && isPair(below, Pair.ADD)) { // of eps
      GraphNode first = maker(below, 0);
      below = first == null || isMean(first) ? first : maker(below, 1);
    }
    List<GraphNode> variance = means(below);
    GraphNode square = variance.isEmpty() ? null : maker(variance.get(variance.size() - 1), 0);
    if (square == null || !isSquare(square)) {
      return;
    }
    int centred = square.inputs().get(0);
    if (!divides(root.outputs().get(0), centred)) {
      return;
    }
    note(variance);
    GraphNode difference = graph.maker(centred);
    if (difference != null && isPair(difference, Pair.SUB) && difference.inputs().size() == 2) {
      List<GraphNode> mean = means(maker(difference, 1));
      if (!mean.isEmpty()
          && mean.get(mean.size() - 1).inputs().get(0).equals(difference.inputs().get(0))
          && axes(mean).equals(axes(variance))) {
        note(mean);
      }
    }
  }

  private void note(List<GraphNode> chain) {
    chain.forEach(mean -> means.add(mean.name()));
    GraphNode source = maker(chain.get(chain.size() - 1), 0);
    Set<Integer> axes = axes(chain);
    if (source != null && source.operator() instanceof Shaping.Reshape && axes.size() == 1) {
      blocks.put(source.name(), axes.iterator().next());
    }
  }

  private @Nullable GraphNode maker(GraphNode node, int input) {
    int tensor = input < node.inputs().size() ? node.inputs().get(input) : ModelGraph.ABSENT;
    return tensor == ModelGraph.ABSENT ? null : graph.maker(tensor);
  }

  private static boolean isMean(GraphNode node) {
    return node.operator() instanceof Reductions.Reduce reduce
        && reduce.reduction() == Reductions.Kind.MEAN
        && reduce.keep();
  }

  /** Means one of the other, the last first. */
  private List<GraphNode> means(@Nullable GraphNode last) {
    List<GraphNode> chain = new ArrayList<>();
    for (GraphNode node = last; node != null && isMean(node); node = maker(node, 0)) {
      chain.add(node);
    }
    return chain;
  }

  private Set<Integer> axes(List<GraphNode> chain) {
    Set<Integer> axes = new HashSet<>();
    for (GraphNode mean : chain) {
      Shape read = graph.tensor(mean.inputs().get(0)).shape();
      Reductions.Reduce reduce = (Reductions.Reduce) mean.operator();
      reduce.axes().forEach(a -> axes.add(Arguments.axis(a, read.dimension(), reduce)));
    }
    return axes;
  }

  private static boolean isPair(GraphNode node, Pair function) {
    return node.operator() instanceof Binary binary && binary.function() == function
        || node.operator() instanceof WithNumber number && number.function() == function;
  }

  private static boolean isSquare(GraphNode node) {
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
    return graph.readers(deviation).stream()
        .map(ModelGraph.Reader::node)
        .anyMatch(
            node ->
                isPair(node, Pair.MUL) && node.inputs().contains(centred)
                    || isPair(node, Pair.DIV) && node.inputs().get(0) == centred
                    || isOver(node, deviation) && divides(node.outputs().get(0), centred));
  }

  /** Whether a node makes something over a tensor. */
  private static boolean isOver(GraphNode node, int tensor) {
    return node.operator() instanceof WithNumber power
            && power.function() == Pair.POW
            && power.number() == -1
        || node.operator() instanceof Binary binary
            && binary.function() == Pair.DIV
            && node.inputs().get(1) == tensor;
  }
}
