package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Reduction;

/** Makes layers of a graph's operators. */
final class Lowering {
  private final ModelGraph graph;
  private final ImageShapes shapes;
  private final Function<GraphParameter, float[]> weights;
  private final Fusing layers;
  private final Map<Integer, Integer> values = new HashMap<>();
  private final Set<String> refused = new TreeSet<>();

  private Lowering(ModelGraph graph, Shape image, Function<GraphParameter, float[]> weights) {
    this.graph = graph;
    this.weights = weights;
    this.shapes = ImageShapes.of(graph, image);
    this.layers = new Fusing();
  }

  /**
   * The layers of a graph.
   *
   * @param image shape of one image
   * @param weights values of a parameter, row-major
   * @throws IllegalArgumentException if it has operators that there is nothing for; names them
   */
  static LayerList lower(ModelGraph graph, Shape image, Function<GraphParameter, float[]> weights) {
    return new Lowering(graph, image, weights).run();
  }

  private LayerList run() {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw refusal(
          "one input and one output", graph.inputs().size() + " and " + graph.outputs().size());
    }
    int input = graph.inputs().get(0);
    values.put(input, layers.value(shape(input)));
    for (GraphNode node : graph.nodes()) {
      if (node.outputs().stream().allMatch(t -> shapes.get(t) != null) && add(node)) {
        continue;
      }
      refused.add(node.operator().kind() + " (" + node.name() + ")");
      node.outputs().forEach(t -> values.put(t, layers.value(orEmpty(shapes.get(t)))));
    }
    if (!refused.isEmpty()) {
      throw refusal(
          "convolutions, linear layers, pooling, activations, sums, products and joins",
          Problem.listed(List.copyOf(refused), 8));
    }
    Integer first = values.get(input);
    Integer last = values.get(graph.outputs().get(0));
    if (first == null || last == null) {
      throw new IllegalStateException("a graph without its ends");
    }
    return layers.finish(first, last);
  }

  private static IllegalArgumentException refusal(Object expected, Object found) {
    return Problem.argument(
        "network that the sparse runtime cannot run",
        "SparseRuntime",
        expected,
        found,
        "run it in the engine or in ONNX Runtime");
  }

  private static int[] orEmpty(int @Nullable [] shape) {
    return shape == null ? new int[] {1} : shape;
  }

  private int[] shape(int tensor) {
    int[] shape = shapes.get(tensor);
    if (shape == null) {
      throw refusal("images apart from each other", "tensor " + tensor + " is of all of them");
    }
    return shape;
  }

  /** Adds what a node does; false if there is nothing for it. */
  private boolean add(GraphNode node) {
    Operator operator = node.operator();
    if (operator instanceof Elementwise.Binary b) {
      return addBinary(node, b);
    }
    Integer in = node.inputs().isEmpty() ? null : values.get(node.inputs().get(0));
    if (operator instanceof Joining.Concat c) {
      return addConcat(node, c);
    }
    if (in == null) {
      return false;
    }
    int[] from = layers.shape(in);
    int[] to = shape(node.outputs().get(0));
    if (operator instanceof Layers.Dropout
        || operator instanceof Elementwise.Cast c && c.type() == DataType.FLOAT32
        || operator instanceof Elementwise.Unary u
            && u.function() == Elementwise.Function.STOP_GRADIENT) {
      values.put(node.outputs().get(0), in);
      return true;
    }
    if (operator instanceof Layers.Convolution c) {
      return c.stride().dimension() == 2 && addConvolution(node, c, in, to);
    }
    if (operator instanceof Layers.Linear) {
      return addLinear(node, in, from, to);
    }
    if (operator instanceof Layers.MatMul) {
      return addProduct(node, in, from, to);
    }
    if (operator instanceof Layers.BatchNorm norm) {
      return addBatchNorm(node, norm, in, to);
    }
    if (operator instanceof Pooling.Pool pool) {
      return pool.kernel().dimension() == 2 && put(node, to, window(pool, in));
    }
    if (operator instanceof Pooling.GlobalPool pool) {
      return addGlobal(node, pool, in, from, to);
    }
    if (operator instanceof Reductions.Reduce reduce) {
      return addReduce(node, reduce, in, from, to);
    }
    return addFunction(node, in, to) || addMoves(node, in, from);
  }

  /** A layer, once its output has a number. */
  private interface Made {
    Layer as(int output);
  }

  private boolean put(GraphNode node, int[] shape, Made made) {
    int output = layers.value(shape);
    values.put(node.outputs().get(0), layers.add(made.as(output)));
    return true;
  }

  private boolean addConvolution(GraphNode node, Layers.Convolution c, int in, int[] to) {
    float[] weight = weight(node, 1);
    float[] bias = bias(node, to[0]);
    if (weight == null || bias == null) {
      return false;
    }
    Shape shape = graph.tensor(node.inputs().get(1)).shape();
    Layer.Kernel kernel =
        new Layer.Kernel(
            weight,
            to[0],
            (int) shape.get(1),
            (int) shape.get(2),
            (int) shape.get(3),
            (int) c.stride().get(0),
            (int) c.stride().get(1),
            (int) c.padding().get(0),
            (int) c.padding().get(1),
            (int) c.dilation().get(0),
            (int) c.dilation().get(1),
            c.groups());
    values.put(node.outputs().get(0), layers.convolve(in, layers.value(to), kernel, bias));
    return true;
  }

  private boolean addLinear(GraphNode node, int in, int[] from, int[] to) {
    float[] weight = weight(node, 1);
    float[] bias = bias(node, to[to.length - 1]);
    return from.length == 1
        && weight != null
        && bias != null
        && put(node, to, y -> new Layer.Multiply(in, y, weight, bias, Clamp.NONE));
  }

  /** A product with a matrix of weights is a linear layer whose weight is turned. */
  private boolean addProduct(GraphNode node, int in, int[] from, int[] to) {
    float[] matrix = weight(node, 1);
    if (matrix == null || from.length != 1 || matrix.length != from[0] * to[0]) {
      return false;
    }
    float[] turned = new float[matrix.length];
    for (int i = 0; i < from[0]; i++) {
      for (int o = 0; o < to[0]; o++) {
        turned[o * from[0] + i] = matrix[i * to[0] + o];
      }
    }
    return put(node, to, y -> new Layer.Multiply(in, y, turned, new float[to[0]], Clamp.NONE));
  }

  private boolean addBatchNorm(GraphNode node, Layers.BatchNorm norm, int in, int[] to) {
    float[] mean = weight(node, 1);
    float[] variance = weight(node, 2);
    float[] gamma = weight(node, 3);
    float[] beta = weight(node, 4);
    if (mean == null || variance == null || gamma == null || beta == null) {
      return false;
    }
    if (norm.channelAxis() != 1 || to.length != 1 && to.length != 3) {
      return false;
    }
    double[] scale = new double[to[0]];
    double[] shift = new double[to[0]];
    for (int c = 0; c < to[0]; c++) {
      scale[c] = gamma[c] / Math.sqrt((double) variance[c] + norm.eps());
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    values.put(node.outputs().get(0), layers.scale(in, layers.value(to), scale, shift));
    return true;
  }

  private static Made window(Pooling.Pool pool, int in) {
    return y ->
        new Layer.Window(
            in,
            y,
            pool.pool() == Pooling.Kind.MAX,
            (int) pool.kernel().get(0),
            (int) pool.kernel().get(1),
            (int) pool.stride().get(0),
            (int) pool.stride().get(1),
            (int) pool.padding().get(0),
            (int) pool.padding().get(1));
  }

  private boolean addGlobal(GraphNode node, Pooling.GlobalPool pool, int in, int[] from, int[] to) {
    if (pool.pool() == Pooling.Kind.AVERAGE && from.length == 3) {
      return put(node, to, y -> new Layer.MapMean(in, y));
    }
    Reduction.Kind kind =
        pool.pool() == Pooling.Kind.MAX ? Reduction.Kind.MAX : Reduction.Kind.MEAN;
    int length = LayerList.size(from) / from[0];
    return put(node, to, y -> new Layer.Reduce(in, y, kind, from[0], length, 1));
  }

  private boolean addReduce(
      GraphNode node, Reductions.Reduce reduce, int in, int[] from, int[] to) {
    Reduction.Kind kind =
        switch (reduce.reduction()) {
          case MEAN -> Reduction.Kind.MEAN;
          case SUM -> Reduction.Kind.SUM;
          case MAX -> Reduction.Kind.MAX;
          case MIN -> Reduction.Kind.MIN;
          case PROD -> null;
        };
    int rank = from.length + 1;
    int[] axes = reduce.axes().stream().mapToInt(a -> a < 0 ? a + rank : a).sorted().toArray();
    if (kind == null || axes.length == 0 || axes[0] == 0) {
      return false;
    }
    if (kind == Reduction.Kind.MEAN && rank == 4 && Arrays.equals(axes, new int[] {2, 3})) {
      return put(node, to, y -> new Layer.MapMean(in, y));
    }
    if (axes[axes.length - 1] - axes[0] != axes.length - 1) {
      return false;
    }
    int outer = product(from, 0, axes[0] - 1);
    int length = product(from, axes[0] - 1, axes[axes.length - 1]);
    int inner = product(from, axes[axes.length - 1], from.length);
    return put(node, to, y -> new Layer.Reduce(in, y, kind, outer, length, inner));
  }

  private static int product(int[] shape, int begin, int end) {
    return LayerList.size(Arrays.copyOfRange(shape, begin, end));
  }

  private boolean addFunction(GraphNode node, int in, int[] to) {
    Functions.Form form = Functions.form(node.operator());
    if (form == null) {
      return false;
    }
    Clamp limits = form.clamp();
    if (form.function() == null && form.binary() == null && limits != null) {
      values.put(node.outputs().get(0), layers.clamp(in, layers.value(to), limits));
      return true;
    }
    Binary.Function binary = form.binary();
    if (binary != null) {
      return put(node, to, y -> new Layer.Count(in, y, binary, form.number(), Clamp.NONE));
    }
    return put(
        node, to, y -> new Layer.Apply(in, y, form.requireFunction(), form.number(), Clamp.NONE));
  }

  private boolean addMoves(GraphNode node, int in, int[] from) {
    for (int i = 0; i < node.outputs().size(); i++) {
      int[] to = shape(node.outputs().get(i));
      boolean same = Moves.keepsOrder(node.operator());
      int[] table = same ? null : Moves.table(node.operator(), i, from, to);
      if (!same && table == null) {
        return false;
      }
      int output = layers.value(to);
      int[] border = Moves.border(node.operator(), from);
      float fill =
          node.operator() instanceof org.vpns.internal.graph.op.Shaping.Pad p
              ? (float) p.value()
              : 0;
      values.put(
          node.outputs().get(i), layers.add(new Layer.Rearrange(in, output, table, fill, border)));
    }
    return true;
  }

  private boolean addConcat(GraphNode node, Joining.Concat concat) {
    int[] to = shape(node.outputs().get(0));
    int axis = concat.axis() < 0 ? concat.axis() + to.length : concat.axis() - 1;
    List<Integer> parts = new ArrayList<>();
    for (int t : node.inputs()) {
      Integer part = values.get(t);
      if (part == null) {
        return false;
      }
      parts.add(part);
    }
    if (axis == 0) {
      return put(node, to, y -> new Layer.Append(parts, y));
    }
    return axis > 0 && addJoin(node, parts, axis, to);
  }

  /** Along another axis: behind each other first, then each value to its place. */
  private boolean addJoin(GraphNode node, List<Integer> parts, int axis, int[] to) {
    int inner = product(to, axis + 1, to.length);
    int[] table = new int[LayerList.size(to)];
    int[] flat = {table.length};
    List<Integer> rows = new ArrayList<>();
    int begin = 0;
    int position = 0;
    for (int part : parts) {
      int[] shape = layers.shape(part);
      int size = LayerList.size(shape);
      for (int i = 0; i < size; i++) {
        int run = shape[axis] * inner;
        table[i / run * to[axis] * inner + position * inner + i % run] = begin + i;
      }
      rows.add(
          layers.add(new Layer.Rearrange(part, layers.value(new int[] {size}), null, 0, null)));
      begin += size;
      position += shape[axis];
    }
    int joined = layers.add(new Layer.Append(rows, layers.value(flat)));
    return put(node, to, y -> new Layer.Rearrange(joined, y, table, 0, null));
  }

  private boolean addBinary(GraphNode node, Elementwise.Binary binary) {
    Binary.Function function = Functions.pair(binary.function());
    int[] to = shape(node.outputs().get(0));
    Integer left = operand(node.inputs().get(0), to);
    Integer right = operand(node.inputs().get(1), to);
    if (function == null || left == null || right == null) {
      return false;
    }
    if (!Arrays.equals(layers.shape(left), to)) {
      boolean turns = function != Binary.Function.SUB && function != Binary.Function.DIV;
      if (turns && Arrays.equals(layers.shape(right), to)) {
        int first = left;
        left = right;
        right = first;
      } else {
        left = repeated(left, to);
      }
    }
    int[] other = layers.shape(right);
    boolean byChannel =
        to.length == 3 && other.length == 3 && other[0] == to[0] && other[1] * other[2] == 1;
    if (!byChannel && !Arrays.equals(other, to)) {
      right = repeated(right, to);
    }
    values.put(node.outputs().get(0), layers.combine(left, right, layers.value(to), function));
    return true;
  }

  private int repeated(int value, int[] to) {
    int[] table = Moves.broadcast(layers.shape(value), to);
    return layers.add(new Layer.Rearrange(value, layers.value(to), table, 0, null));
  }

  /** A value, or a parameter or constant made one, with as many axes as the result. */
  private @Nullable Integer operand(int tensor, int[] to) {
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

  private float @Nullable [] bias(GraphNode node, int length) {
    boolean absent = node.inputs().size() < 3 || node.inputs().get(2) == ModelGraph.ABSENT;
    return absent ? new float[length] : weight(node, 2);
  }

  private float @Nullable [] weight(GraphNode node, int index) {
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
