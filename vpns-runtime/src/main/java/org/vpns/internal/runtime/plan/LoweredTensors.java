package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

/** What a graph's tensors are among the layers: values, and numbers that never change. */
final class LoweredTensors {
  private final ModelGraph graph;
  private final ApartShapes shapes;
  private final Function<GraphParameter, float[]> weights;
  private final Map<Integer, Integer> values = new HashMap<>();

  /** The layers so far. */
  final Fusing layers = new Fusing();

  LoweredTensors(ModelGraph graph, Shape image, Function<GraphParameter, float[]> weights) {
    this.graph = graph;
    this.weights = weights;
    this.shapes = ApartShapes.of(graph, image);
  }

  static IllegalArgumentException refusal(Object expected, Object found) {
    return Problem.argument(
        "network that the sparse runtime cannot run",
        "SparseRuntime",
        expected,
        found,
        "run it in the engine or in ONNX Runtime");
  }

  /** Shape of a tensor as the graph has it. */
  Shape stored(int tensor) {
    return graph.tensor(tensor).shape();
  }

  /** The value of a tensor, or null. */
  @Nullable Integer value(int tensor) {
    return values.get(tensor);
  }

  /** A tensor is that value. */
  void set(int tensor, int value) {
    values.put(tensor, value);
  }

  /** A tensor's shape for one image, or of one number if it has none. */
  int[] shapeOrOne(int tensor) {
    int[] shape = shapes.get(tensor);
    return shape == null ? new int[] {1} : shape;
  }

  /** Whether images are apart in a tensor. */
  boolean isApart(int tensor) {
    return shapes.get(tensor) != null;
  }

  int[] shape(int tensor) {
    int[] shape = shapes.get(tensor);
    if (shape == null) {
      throw refusal("images apart from each other", "tensor " + tensor + " is of all of them");
    }
    return shape;
  }

  /** A layer, once its output has a number. */
  interface Made {
    Layer as(int output);
  }

  boolean put(GraphNode node, int[] shape, Made made) {
    int output = layers.value(shape);
    values.put(node.outputs().get(0), layers.add(made.as(output)));
    return true;
  }

  /** A value, or a parameter or constant made one, with as many axes as the result. */
  @Nullable Integer operand(int tensor, int[] to) {
    Integer known = values.get(tensor);
    float[] still = known == null ? still(tensor) : null;
    if (known == null && still == null) {
      return null;
    }
    if (still != null) {
      long[] axes = graph.tensor(tensor).shape().getShape();
      int extra = Math.max(0, axes.length - to.length);
      for (int i = 0; i < extra; i++) {
        if (axes[i] != 1) {
          return null;
        }
      }
      int[] shape = new int[to.length];
      Arrays.fill(shape, 1);
      for (int i = extra; i < axes.length; i++) {
        shape[to.length - axes.length + i] = Math.toIntExact(axes[i]);
      }
      return layers.add(new Layer.Constant(layers.value(shape), still));
    }
    int value = known == null ? -1 : known;
    return layers.shape(value).length == to.length ? value : null;
  }

  float @Nullable [] bias(GraphNode node, int length) {
    boolean absent = node.inputs().size() < 3 || node.inputs().get(2) == ModelGraph.ABSENT;
    return absent ? new float[length] : weight(node, 2);
  }

  float @Nullable [] weight(GraphNode node, int index) {
    return index < node.inputs().size() ? still(node.inputs().get(index)) : null;
  }

  /** Values that never change, or null. */
  private float @Nullable [] still(int tensor) {
    GraphParameter parameter = graph.parameterOf(tensor);
    if (parameter != null && parameter.dataType() == DataType.FLOAT32) {
      return weights.apply(parameter);
    }
    GraphConstant constant = graph.constantOf(tensor);
    if (constant != null && constant.type() == DataType.FLOAT32) {
      float[] floats = new float[Math.toIntExact(constant.shape().size())];
      constant.values().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
      return floats;
    }
    return null;
  }
}
