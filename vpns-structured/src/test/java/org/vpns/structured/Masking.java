package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.channels.SliceRuns;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Networks with zeros in slices of units. */
public final class Masking {
  private Masking() {}

  /** The whole network, zero in what the units have but statistics. */
  public static NetworkValues masked(
      NetworkValues network, Collection<ChannelUnit> units, NDManager manager) {
    return masked(network, units, slice -> slice.role() != Role.STATISTIC, manager);
  }

  public static NetworkValues masked(
      NetworkValues network,
      Collection<ChannelUnit> units,
      Predicate<Slice> which,
      NDManager manager) {
    Map<String, float[]> values = new HashMap<>();
    for (ChannelUnit unit : units) {
      for (Slice slice : unit.slices()) {
        if (which.test(slice)) {
          GraphParameter p = network.graph().parameter(slice.parameter());
          float[] own = values.computeIfAbsent(p.path(), q -> network.array(p).toFloatArray());
          SliceRuns.each(slice, p.shape(), (from, to) -> Arrays.fill(own, from, to, 0));
        }
      }
    }
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      float[] own = values.get(p.path());
      arrays.put(p.path(), own == null ? network.array(p) : manager.create(own, p.shape()));
    }
    return NetworkValues.of(network.graph(), arrays);
  }

  /** What a network makes of images. */
  public static float[] run(NetworkValues network, NDArray images) {
    return GraphRun.forward(network, new NDList(images)).head().toFloatArray();
  }

  /**
   * The same in double precision, and where a network is masked as if some of its norms saw nothing
   * of what is zero.
   *
   * @param measured names of the norms, or of the means that they are written with; none for a
   *     network as it is
   */
  static double[] exactly(NetworkValues network, NDArray images, Set<String> measured) {
    try (NDManager scope = images.getManager().newSubManager()) {
      @Nullable NDArray[] known =
          network.byTensor((p, array) -> exact(array, scope), c -> exact(c.toArray(scope), scope));
      ModelGraph graph = network.graph();
      GraphRun.Rule rule =
          (node, in, pass) -> {
            if (measured.contains(node.name())) {
              return new NDArray[] {
                node.operator() instanceof Layers.LayerNorm norm
                    ? normalised(norm, in[0], in[1], in[2])
                    : mean(node.operator(), in[0])
              };
            }
            NDArray[] made = node.operator().apply(in, pass);
            boolean centres =
                node.operator() instanceof Elementwise.Binary binary
                    && binary.function() == Elementwise.Pair.SUB
                    && isMean(graph, graph.maker(node.inputs().get(1)), measured);
            return centres ? new NDArray[] {made[0].mul(seen(in[0]))} : made;
          };
      NDList results = GraphRun.of(graph).run(known, new NDList(exact(images, scope)), false, rule);
      return exact(results.head(), scope).toDoubleArray();
    }
  }

  /** A copy in double precision, of whole numbers as they are. */
  private static NDArray exact(NDArray array, NDManager scope) {
    DataType type = array.getDataType();
    NDArray copy = array.toType(type.isFloating() ? DataType.FLOAT64 : type, true);
    copy.attach(scope);
    return copy;
  }

  /** 1 where a value is not zero. */
  private static NDArray seen(NDArray x) {
    return x.neq(0).toType(x.getDataType(), false);
  }

  /** Whether a node gives a measured mean, in its own shape or another. */
  private static boolean isMean(ModelGraph graph, @Nullable GraphNode node, Set<String> measured) {
    return node != null
        && (measured.contains(node.name())
            || node.operator() instanceof Shaping.Reshape
                && isMean(graph, graph.maker(node.inputs().get(0)), measured));
  }

  private static NDArray mean(Operator operator, NDArray x) {
    if (operator instanceof Pooling.GlobalPool) {
      return mean(x, IntStream.range(2, x.getShape().dimension()).toArray(), false);
    }
    Reductions.Reduce mean = (Reductions.Reduce) operator;
    return mean(x, mean.axes().stream().mapToInt(a -> a).toArray(), mean.keep());
  }

  private static NDArray mean(NDArray x, int[] axes, boolean keep) {
    return x.sum(axes, keep).div(seen(x).sum(axes, keep).maximum(1));
  }

  private static NDArray normalised(
      Layers.LayerNorm norm, NDArray x, NDArray scale, NDArray shift) {
    int rank = x.getShape().dimension();
    int[] last = IntStream.range(rank - norm.shape().dimension(), rank).toArray();
    NDArray centred = x.sub(mean(x, last, true)).mul(seen(x));
    NDArray variance = mean(centred.square(), last, true);
    return centred.div(variance.add(norm.eps()).sqrt()).mul(scale).add(shift);
  }
}
