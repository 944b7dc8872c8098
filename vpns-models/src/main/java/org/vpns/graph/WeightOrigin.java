package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.network.Engines;

/**
 * Which parameter a weight is, entry for entry: itself, or one that a graph rounds to a grid,
 * scales or puts into another order before a layer reads it. Where zeros of the parameter would not
 * be zeros of the weight, or entries are mixed, there is none.
 */
final class WeightOrigin {
  private static final ImmutableSet<Class<? extends Operator>> ENTRY_BY_ENTRY =
      ImmutableSet.of(
          Elementwise.Unary.class,
          Elementwise.Sloped.class,
          Elementwise.Binary.class,
          Elementwise.WithNumber.class,
          Elementwise.Clip.class,
          Elementwise.Cast.class);
  private static final ImmutableSet<Class<? extends Operator>> REORDERING =
      ImmutableSet.of(
          Shaping.Reshape.class,
          Shaping.Transpose.class,
          Shaping.Squeeze.class,
          Shaping.ExpandDims.class,
          Shaping.Flip.class);

  private final ModelGraph graph;

  WeightOrigin(ModelGraph graph) {
    this.graph = graph;
  }

  /** A parameter, and in which order its entries come. */
  private record Way(GraphParameter from, List<Operator> order) {}

  /** The parameter whose entries a tensor's entries are, or null. */
  @Nullable GraphParameter of(int tensor) {
    GraphParameter itself = graph.parameterOf(tensor);
    if (itself != null) {
      return itself;
    }
    Way way = way(tensor);
    return way != null
            && graph.tensor(tensor).shape().size() == way.from().shape().size()
            && keepsZeros(tensor)
        ? way.from()
        : null;
  }

  private @Nullable Way way(int tensor) {
    GraphParameter p = graph.parameterOf(tensor);
    if (p != null) {
      return new Way(p, ImmutableList.of());
    }
    GraphNode node = graph.maker(tensor);
    boolean reorders = node != null && REORDERING.contains(node.operator().getClass());
    if (node == null || !reorders && !ENTRY_BY_ENTRY.contains(node.operator().getClass())) {
      return null;
    }
    Way way = null;
    for (int input : node.inputs()) {
      if (!isConstant(input)) {
        Way here = way(input);
        // entries that meet must be the same one
        if (here == null || way != null && !way.equals(here)) {
          return null;
        }
        way = here;
      }
    }
    if (way == null || !reorders) {
      return way;
    }
    return new Way(
        way.from(),
        ImmutableList.<Operator>builder().addAll(way.order()).add(node.operator()).build());
  }

  private boolean isConstant(int tensor) {
    if (tensor == ModelGraph.ABSENT || graph.constantOf(tensor) != null) {
      return true;
    }
    GraphNode node = graph.maker(tensor);
    return node != null
        && !node.inputs().isEmpty()
        && node.inputs().stream().allMatch(this::isConstant);
  }

  /** Whether zeros alone give zeros alone, by trying. */
  private boolean keepsZeros(int tensor) {
    try (NDManager manager = Engines.newManager("weights of a graph");
        NDArray weight = ofZeros(tensor, manager);
        NDArray zeros = weight.eq(0);
        NDArray all = zeros.toType(DataType.INT64, false).sum()) {
      return all.getLong() == weight.getShape().size();
    }
  }

  private NDArray ofZeros(int tensor, NDManager manager) {
    GraphParameter p = graph.parameterOf(tensor);
    if (p != null) {
      return manager.zeros(p.shape(), p.dataType());
    }
    GraphConstant constant = graph.constantOf(tensor);
    if (constant != null) {
      return constant.toArray(manager);
    }
    GraphNode node = graph.maker(tensor);
    if (node == null) {
      throw new IllegalStateException("a weight made of images");
    }
    @Nullable NDArray[] in = new NDArray[node.inputs().size()];
    Arrays.setAll(
        in,
        i ->
            node.inputs().get(i) == ModelGraph.ABSENT
                ? null
                : ofZeros(node.inputs().get(i), manager));
    NDArray[] out = node.operator().apply(in, new ForwardPass(false, -1, manager));
    return out[node.outputs().indexOf(tensor)];
  }
}
