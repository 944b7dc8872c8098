package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
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
          zero(slice, p, values.computeIfAbsent(p.path(), q -> network.array(p).toFloatArray()));
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

  private static void zero(Slice slice, GraphParameter p, float[] all) {
    int length = (int) p.shape().get(slice.axis());
    int stride = (int) p.shape().slice(slice.axis() + 1).size();
    for (int block = 0; block < all.length; block += length * stride) {
      for (int position : slice.positions()) {
        int from = block + position * stride;
        Arrays.fill(all, from, from + stride, 0);
      }
    }
  }

  /** What a network makes of images. */
  public static float[] run(NetworkValues network, NDArray images) {
    return GraphRun.forward(network, new NDList(images)).head().toFloatArray();
  }
}
