package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Joining.Concat;
import org.vpns.internal.graph.op.Joining.Split;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.op.TransposedConvolution;

/**
 * Graphs of random parts for 3 x 4 x 4 images: convolutions of all sorts, residual branches,
 * splits, shuffles, learned slopes, squeeze and excitation, norms, attention.
 */
final class RandomGraphs {
  static final Shape IMAGE = new Shape(3, 4, 4);

  private final Random random;
  private final ModelGraph.Builder graph = ModelGraph.builder();
  private int x = graph.input(new Shape(-1).addAll(IMAGE), DataType.FLOAT32);
  private int channels = 3;
  private int names;

  private RandomGraphs(long seed) {
    random = new Random(seed);
  }

  /** A network of this seed. */
  static NetworkValues of(long seed, NDManager manager) {
    return new RandomGraphs(seed).network(manager);
  }

  private NetworkValues network(NDManager manager) {
    x = conv(2 * (1 + random.nextInt(4)));
    int parts = 2 + random.nextInt(6);
    for (int i = 0; i < parts; i++) {
      part();
    }
    boolean pooled = random.nextBoolean();
    x =
        pooled
            ? node(new Pooling.GlobalPool(Pooling.Kind.AVERAGE), x)
            : reshape(x, 0, 16L * channels);
    x = linear(x, pooled ? channels : 16 * channels, 4);
    ModelGraph built = graph.build(List.of(x));
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : built.parameters()) {
      float[] values = new float[Math.toIntExact(p.shape().size())];
      boolean positive = p.type() == Type.RUNNING_VAR || p.type() == Type.GAMMA;
      double scale = p.shape().dimension() < 2 ? 0.1 : 1 / Math.sqrt(p.shape().slice(1).size());
      for (int i = 0; i < values.length; i++) {
        values[i] = positive ? 0.5f + random.nextFloat() : (float) (scale * random.nextGaussian());
      }
      arrays.put(p.path(), manager.create(values, p.shape()));
    }
    return NetworkValues.of(built, arrays);
  }

  private void part() {
    switch (random.nextInt(15)) {
      case 0 -> x = conv(2 * (1 + random.nextInt(4)));
      case 1 -> x = depthwise(1 + random.nextInt(2));
      case 2 -> x = transposed();
      case 3 -> x = batchNorm(x);
      case 4 -> x = function(x);
      case 5 -> x = pair(Pair.ADD, function(same(x)), x);
      case 6 -> beside();
      case 7 -> halvesTurned();
      case 8 -> halvesAdded();
      case 9 -> shuffle();
      case 10 -> excite();
      case 11 -> layerNorm();
      case 12 -> groupNorm();
      case 13 -> leaky();
      default -> attention();
    }
  }

  private int node(Operator operator, Integer... read) {
    return graph.node(operator.kind() + names++, operator, List.of(read)).get(0);
  }

  private int parameter(String layer, String name, Type type, long... shape) {
    return graph.parameter(
        layer + "." + name,
        type,
        type != Type.RUNNING_MEAN && type != Type.RUNNING_VAR,
        new Shape(shape),
        DataType.FLOAT32);
  }

  private int reshape(int of, long... shape) {
    List<Long> lengths = new ArrayList<>();
    for (long length : shape) {
      lengths.add(length);
    }
    return node(new Shaping.Reshape(lengths), of);
  }

  private int transpose(int of, Integer... order) {
    return node(new Shaping.Transpose(List.of(order)), of);
  }

  private int pair(Pair pair, int a, int b) {
    return node(new Binary(pair), a, b);
  }

  /** Zeros stay zeros, and nothing else becomes one, so that masked norms know what left. */
  private int function(int of) {
    List<Function> all = List.of(Function.GELU, Function.TANH);
    return node(new Unary(all.get(random.nextInt(all.size()))), of);
  }

  /** Negative values times a number of their channel's, as PReLU has it. */
  private void leaky() {
    int slope = parameter("slope" + names++, "weight", Type.OTHER, channels, 1, 1);
    int negative = node(new Unary(Function.RELU), node(new Unary(Function.NEG), x));
    x = pair(Pair.SUB, node(new Unary(Function.RELU), x), pair(Pair.MUL, negative, slope));
  }

  /** A convolution of everything, or of two groups. */
  private int conv(int filters) {
    int groups = channels % 2 == 0 && random.nextInt(3) == 0 ? 2 : 1;
    int made = conv(x, filters, groups);
    channels = filters;
    return made;
  }

  private int same(int of) {
    return conv(of, channels, 1);
  }

  private int conv(int of, int filters, int groups) {
    String layer = "conv" + names++;
    int kernel = 1 + 2 * random.nextInt(2);
    Shape one = new Shape(1, 1);
    List<Integer> read = new ArrayList<>(List.of(of));
    read.add(parameter(layer, "weight", Type.WEIGHT, filters, channels / groups, kernel, kernel));
    if (random.nextBoolean()) {
      read.add(parameter(layer, "bias", Type.BIAS, filters));
    }
    Shape padding = new Shape(kernel / 2, kernel / 2);
    return graph.node(layer, new Layers.Convolution(one, padding, one, groups), read).get(0);
  }

  private int depthwise(int times) {
    int made = conv(x, channels * times, channels);
    channels *= times;
    return made;
  }

  private int transposed() {
    String layer = "up" + names++;
    int groups = channels % 2 == 0 && random.nextBoolean() ? 2 : 1;
    int each = 1 + random.nextInt(4);
    Shape one = new Shape(1, 1);
    int weight = parameter(layer, "weight", Type.WEIGHT, channels, each, 3, 3);
    int bias = parameter(layer, "bias", Type.BIAS, (long) each * groups);
    channels = each * groups;
    return graph
        .node(
            layer,
            new TransposedConvolution(one, List.of(1L, 1L, 1L, 1L), one, groups),
            List.of(x, weight, bias))
        .get(0);
  }

  private int linear(int of, int read, int made) {
    String layer = "linear" + names++;
    int weight = parameter(layer, "weight", Type.WEIGHT, made, read);
    int bias = parameter(layer, "bias", Type.BIAS, made);
    return graph.node(layer, new Layers.Linear(), List.of(of, weight, bias)).get(0);
  }

  private int batchNorm(int of) {
    String layer = "norm" + names++;
    int mean = parameter(layer, "running_mean", Type.RUNNING_MEAN, channels);
    int variance = parameter(layer, "running_var", Type.RUNNING_VAR, channels);
    int scale = parameter(layer, "weight", Type.GAMMA, channels);
    int shift = parameter(layer, "bias", Type.BETA, channels);
    return graph
        .node(
            layer, new Layers.BatchNorm(1, 0.9f, 1e-5f), List.of(of, mean, variance, scale, shift))
        .get(0);
  }

  private void beside() {
    int width = 1 + random.nextInt(3);
    x = node(new Concat(1), x, conv(x, width, 1));
    channels += width;
  }

  private List<Integer> halves() {
    return graph.node("split" + names++, new Split(List.of(channels / 2L), 1), List.of(x));
  }

  private void halvesTurned() {
    if (channels % 2 == 0) {
      List<Integer> halves = halves();
      x = node(new Concat(1), function(halves.get(1)), halves.get(0));
    }
  }

  private void halvesAdded() {
    if (channels % 2 == 0) {
      List<Integer> halves = halves();
      x = pair(Pair.ADD, halves.get(0), halves.get(1));
      channels /= 2;
    }
  }

  private void shuffle() {
    if (channels % 2 == 0) {
      int cut = reshape(x, 0, 2, channels / 2, 4, 4);
      x = reshape(transpose(cut, 0, 2, 1, 3, 4), 0, channels, 4, 4);
    }
  }

  private void excite() {
    int mean = node(new Pooling.GlobalPool(Pooling.Kind.AVERAGE), x);
    int squeezed = function(linear(mean, channels, 3));
    int gate = node(new Unary(Function.SIGMOID), linear(squeezed, 3, channels));
    x = pair(Pair.MUL, x, reshape(gate, 0, 0, 1, 1));
  }

  private void layerNorm() {
    String layer = "norm" + names++;
    int scale = parameter(layer, "weight", Type.GAMMA, channels);
    int shift = parameter(layer, "bias", Type.BETA, channels);
    Operator norm = new Layers.LayerNorm(new Shape(channels), 1e-5f);
    int made = graph.node(layer, norm, List.of(transpose(x, 0, 2, 3, 1), scale, shift)).get(0);
    x = transpose(made, 0, 3, 1, 2);
  }

  /** Of two blocks where there are two, and else of all. */
  private void groupNorm() {
    int blocks = channels % 2 == 0 ? 2 : 1;
    int rows = reshape(x, 0, blocks, channels / blocks, 16);
    int centred = pair(Pair.SUB, rows, blockMean(rows));
    int variance = blockMean(pair(Pair.MUL, centred, centred));
    int sum = node(WithNumber.of(Pair.ADD, 1e-5), variance);
    int made = pair(Pair.DIV, centred, node(new Unary(Function.SQRT), sum));
    String layer = "norm" + names++;
    int scale = parameter(layer, "weight", Type.GAMMA, channels, 1, 1);
    int shift = parameter(layer, "bias", Type.BETA, channels, 1, 1);
    x = pair(Pair.ADD, pair(Pair.MUL, reshape(made, 0, channels, 4, 4), scale), shift);
  }

  private int blockMean(int of) {
    int ofPlaces = node(new Reductions.Reduce(Reductions.Kind.MEAN, List.of(3), true), of);
    return node(new Reductions.Reduce(Reductions.Kind.MEAN, List.of(2), true), ofPlaces);
  }

  /** Two heads of four over the places, beside a residual branch. */
  private void attention() {
    int tokens = transpose(reshape(x, 0, channels, 16), 0, 2, 1);
    List<Integer> parts =
        random.nextBoolean()
            ? graph.node(
                "split" + names++,
                new Split(List.of(8L, 16L), 2),
                List.of(linear(tokens, channels, 24)))
            : List.of(
                linear(tokens, channels, 8),
                linear(tokens, channels, 8),
                linear(tokens, channels, 8));
    int q = heads(parts.get(0));
    int k = heads(parts.get(1));
    int v = heads(parts.get(2));
    int rows = node(new Layers.MatMul(false), q, transpose(k, 0, 1, 3, 2));
    int shares = node(new Reductions.Softmax(-1, false), rows);
    int mixed = transpose(node(new Layers.MatMul(false), shares, v), 0, 2, 1, 3);
    int made = linear(reshape(mixed, 0, 16, 8), 8, channels);
    x = pair(Pair.ADD, x, reshape(transpose(made, 0, 2, 1), 0, channels, 4, 4));
  }

  private int heads(int of) {
    return transpose(reshape(of, 0, 16, 2, 4), 0, 2, 1, 3);
  }
}
