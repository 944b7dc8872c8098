package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.graph.op.Layers;

/**
 * A network whose batch norm has become part of the convolution or linear layer before it. In
 * evaluation a batch norm is a scale and a shift of each channel, so with {@code s = gamma /
 * sqrt(variance + eps)}
 *
 * <pre>
 * w' = w s,   b' = (b - mean) s + beta
 * </pre>
 *
 * give the same outputs within rounding. Computed in double; removed weights stay exactly 0.0. The
 * result is for prediction: trained further, it is another network than the original.
 *
 * <p>Folded are those that alone read the layer's output, where the layer's weights are used
 * nowhere else. All others stay as they are.
 *
 * @param network the new network; what did not change are the given one's arrays
 * @param folded names of the batch norms that are gone
 * @param left names of those that stay
 */
public record BatchNormFolding(NetworkValues network, List<String> folded, List<String> left) {
  /** Copies the lists. */
  public BatchNormFolding {
    Problem.given(network, "new BatchNormFolding", "network");
    folded = ImmutableList.copyOf(Problem.givenEach(folded, "new BatchNormFolding", "folded"));
    left = ImmutableList.copyOf(Problem.givenEach(left, "new BatchNormFolding", "left"));
  }

  /**
   * Folds where it is possible. The given network is not changed.
   *
   * @param manager owner of the new network's new arrays
   */
  public static BatchNormFolding fold(NetworkValues network, NDManager manager) {
    Problem.given(network, "BatchNormFolding.fold", "network");
    Problem.given(manager, "BatchNormFolding.fold", "manager");
    return new Work(network, manager).run();
  }

  /** A layer's new values. */
  private record Folded(GraphNode layer, double[] weight, double[] bias) {}

  private static final class Work {
    private final NetworkValues network;
    private final NDManager manager;
    private final ModelGraph graph;
    private final GraphEditor editor;
    private final Set<String> taken = new HashSet<>();

    Work(NetworkValues network, NDManager manager) {
      this.network = network;
      this.manager = manager;
      graph = network.graph();
      editor = GraphEditor.of(network);
      graph.parameters().forEach(p -> taken.add(p.path()));
    }

    BatchNormFolding run() {
      List<String> folded = new ArrayList<>();
      List<String> left = new ArrayList<>();
      for (GraphNode node : graph.nodes()) {
        if (node.operator() instanceof Layers.BatchNorm norm) {
          Folded pair = folded(node, norm);
          if (pair != null) {
            edit(pair);
            editor.drop(node);
          }
          (pair == null ? left : folded).add(node.name());
        }
      }
      return new BatchNormFolding(editor.apply(manager), folded, left);
    }

    /** The layer that takes in a batch norm, or null if the norm must stay. */
    private @Nullable Folded folded(GraphNode node, Layers.BatchNorm norm) {
      int between = node.inputs().get(0);
      GraphNode layer = graph.maker(between);
      if (layer == null || !once(between) || !takes(layer, norm, graph.tensor(between).shape())) {
        return null;
      }
      double[][] statistics = new double[5][];
      for (int i = 1; i < 5; i++) {
        statistics[i] = values(node.inputs().get(i));
        if (statistics[i] == null) {
          return null;
        }
      }
      int weightTensor = layer.inputs().get(1);
      int biasTensor = bias(layer);
      double[] weight = once(weightTensor) ? values(weightTensor) : null;
      int channels = statistics[1].length;
      double[] bias = biasTensor == ModelGraph.ABSENT ? new double[channels] : null;
      if (bias == null && once(biasTensor)) {
        bias = values(biasTensor);
      }
      if (weight == null || bias == null) {
        return null;
      }
      boolean finite = true;
      for (int c = 0; c < channels; c++) {
        double scale = statistics[3][c] / Math.sqrt(statistics[2][c] + norm.eps());
        int per = weight.length / channels;
        for (int i = c * per; i < (c + 1) * per; i++) {
          // a removed weight stays +0.0 under a negative scale
          weight[i] = weight[i] == 0 ? 0 : weight[i] * scale;
          finite &= Float.isFinite((float) weight[i]);
        }
        bias[c] = (bias[c] - statistics[1][c]) * scale + statistics[4][c];
        finite &= Double.isFinite(scale) && Float.isFinite((float) bias[c]);
      }
      return finite ? new Folded(layer, weight, bias) : null;
    }

    /** Whether the layer's channels are those that the batch norm scales. */
    private static boolean takes(GraphNode layer, Layers.BatchNorm norm, Shape between) {
      if (layer.operator() instanceof Layers.Convolution) {
        return norm.channelAxis() == 1;
      }
      return layer.operator() instanceof Layers.Linear
          && norm.channelAxis() == between.dimension() - 1;
    }

    private static int bias(GraphNode layer) {
      return layer.inputs().size() > 2 ? layer.inputs().get(2) : ModelGraph.ABSENT;
    }

    private boolean once(int tensor) {
      return graph.readers(tensor).size() == 1 && !graph.outputs().contains(tensor);
    }

    /** A parameter's values, or null if the tensor is none or of another type than floats. */
    private double @Nullable [] values(int tensor) {
      GraphParameter p = graph.parameterOf(tensor);
      if (p == null) {
        return null;
      }
      NDArray array = network.array(p);
      if (p.dataType() == DataType.FLOAT64) {
        return array.toDoubleArray();
      }
      if (p.dataType() != DataType.FLOAT32) {
        return null;
      }
      float[] floats = array.toFloatArray();
      double[] doubles = new double[floats.length];
      for (int i = 0; i < floats.length; i++) {
        doubles[i] = floats[i];
      }
      return doubles;
    }

    /** The layer's new values; its bias under its own path or one beside the weight's. */
    private void edit(Folded pair) {
      GraphNode layer = pair.layer();
      GraphParameter weight = parameter(layer.inputs().get(1));
      editor.set(weight, array(pair.weight(), weight, weight.shape()));
      if (bias(layer) != ModelGraph.ABSENT) {
        GraphParameter bias = parameter(bias(layer));
        editor.set(bias, array(pair.bias(), bias, bias.shape()));
        return;
      }
      String path = weight.path().replaceFirst("(^|\\.)weight$", "$1bias");
      while (!taken.add(path)) {
        path += "_folded";
      }
      NDArray values = array(pair.bias(), weight, new Shape(pair.bias().length));
      int bias = editor.add(path, Parameter.Type.BIAS, true, values);
      List<Integer> inputs = List.of(layer.inputs().get(0), layer.inputs().get(1), bias);
      editor.replace(layer, layer.operator(), inputs);
    }

    private GraphParameter parameter(int tensor) {
      GraphParameter p = graph.parameterOf(tensor);
      if (p == null) {
        throw new IllegalStateException("tensor " + tensor + " is no parameter");
      }
      return p;
    }

    /** Values of a parameter's type, on its device. */
    private NDArray array(double[] values, GraphParameter like, Shape shape) {
      NDArray array;
      if (like.dataType() == DataType.FLOAT64) {
        array = network.array(like).getManager().create(values, shape);
      } else {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) values[i];
        }
        array = network.array(like).getManager().create(floats, shape);
      }
      array.attach(manager);
      return array;
    }
  }
}
