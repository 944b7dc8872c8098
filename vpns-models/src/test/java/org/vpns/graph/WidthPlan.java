package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Which positions of a network's parameters stay, by path and axis. */
record WidthPlan(Map<String, int[]> kept) {
  static WidthPlan of() {
    return new WidthPlan(new HashMap<>());
  }

  WidthPlan keep(String path, int axis, int... positions) {
    kept.put(path + " " + axis, positions);
    return this;
  }

  /** Rows and biases of a layer, or all that a norm has. */
  WidthPlan rows(String layer, int... positions) {
    return keep(layer + ".weight", 0, positions).keep(layer + ".bias", 0, positions);
  }

  WidthPlan norm(String layer, int... positions) {
    return rows(layer, positions)
        .keep(layer + ".running_mean", 0, positions)
        .keep(layer + ".running_var", 0, positions);
  }

  NetworkValues narrowed(NetworkValues network, NDManager manager) {
    GraphEditor editor = GraphEditor.of(network);
    kept.forEach(
        (key, positions) -> {
          String[] parts = key.split(" ");
          GraphParameter p = network.graph().parameter(parts[0]);
          editor.narrow(p, Integer.parseInt(parts[1]), positions);
        });
    return editor.apply(manager);
  }

  /** The whole network with zeros for what leaves. */
  NetworkValues masked(NetworkValues network) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      NDArray array = network.array(p).duplicate();
      for (int axis = 0; axis < p.shape().dimension(); axis++) {
        int[] positions = kept.get(p.path() + " " + axis);
        boolean statistic = p.type() == Parameter.Type.RUNNING_VAR;
        if (positions != null && !statistic) {
          float[] mask = new float[(int) p.shape().get(axis)];
          Arrays.stream(positions).forEach(i -> mask[i] = 1);
          long[] lengths = new long[p.shape().dimension()];
          Arrays.fill(lengths, 1);
          lengths[axis] = mask.length;
          array = array.mul(array.getManager().create(mask, new Shape(lengths)));
        }
      }
      arrays.put(p.path(), array);
    }
    return NetworkValues.of(network.graph(), arrays);
  }
}
