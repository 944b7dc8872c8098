package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.vpns.Seeds;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Clip;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Sloped;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.Where;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Filling.Fill;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.op.Indexing.Slice;
import org.vpns.internal.graph.op.Joining.Concat;
import org.vpns.internal.graph.op.Joining.Split;
import org.vpns.internal.graph.op.Joining.Stack;
import org.vpns.internal.graph.op.Layers.BatchNorm;
import org.vpns.internal.graph.op.Layers.Convolution;
import org.vpns.internal.graph.op.Layers.Dropout;
import org.vpns.internal.graph.op.Layers.LayerNorm;
import org.vpns.internal.graph.op.Layers.Linear;
import org.vpns.internal.graph.op.Layers.MatMul;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Pooling.GlobalPool;
import org.vpns.internal.graph.op.Pooling.Pool;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Reductions.Reduce;
import org.vpns.internal.graph.op.Reductions.Softmax;
import org.vpns.internal.graph.op.Shaping.Broadcast;
import org.vpns.internal.graph.op.Shaping.ExpandDims;
import org.vpns.internal.graph.op.Shaping.Flip;
import org.vpns.internal.graph.op.Shaping.Pad;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.internal.graph.op.Shaping.Transpose;

/**
 * Random networks: steps on values of one to four axes, chains and branches. Only functions that
 * neither jump nor blow up, so that rounding stays rounding.
 */
final class RandomGraphs {
  private static final Function[] SMOOTH = {
    Function.RELU,
    Function.SIGMOID,
    Function.TANH,
    Function.GELU,
    Function.SELU,
    Function.SOFTPLUS,
    Function.SOFTSIGN,
    Function.ERF,
    Function.NEG,
    Function.ABS,
    Function.SIN,
    Function.COS,
    Function.STOP_GRADIENT
  };

  private final RandomGenerator random;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final List<Integer> values = new ArrayList<>();
  private final List<Shape> shapes = new ArrayList<>();
  private int count;

  private RandomGraphs(long seed) {
    random = new Seeds(seed).stream("graph");
  }

  /** A graph of so many steps. */
  static ModelGraph of(long seed, int steps) {
    RandomGraphs graph = new RandomGraphs(seed);
    int inputs = 1 + graph.random.nextInt(2);
    for (int i = 0; i < inputs; i++) {
      Shape shape =
          graph.random.nextBoolean()
              ? new Shape(-1, graph.pick(1, 6), graph.pick(3, 8), graph.pick(3, 8))
              : new Shape(-1, graph.pick(2, 8));
      graph.keep(graph.builder.input(shape, DataType.FLOAT32), shape);
    }
    for (int i = 0; i < steps; i++) {
      graph.step();
    }
    List<Integer> outputs = new ArrayList<>();
    outputs.add(graph.values.get(graph.values.size() - 1));
    outputs.add(graph.values.get(graph.random.nextInt(graph.values.size())));
    return graph.builder.build(outputs);
  }

  private int pick(int from, int to) {
    return from + random.nextInt(to - from + 1);
  }

  private <T> T any(T[] of) {
    return of[random.nextInt(of.length)];
  }

  private void keep(int tensor, Shape shape) {
    values.add(tensor);
    shapes.add(shape);
  }

  private int weight(Type type, long... shape) {
    boolean statistic = type == Type.RUNNING_MEAN || type == Type.RUNNING_VAR;
    return builder.parameter("p" + count++, type, !statistic, new Shape(shape), DataType.FLOAT32);
  }

  private void add(Operator operator, Integer... inputs) {
    for (int t : builder.node(operator.kind() + count++, operator, List.of(inputs))) {
      Shape shape = shapeOf(t);
      if (shape.size() != 0) {
        keep(t, shape);
      }
    }
  }

  /** Shape of a tensor of the graph so far. */
  private Shape shapeOf(int tensor) {
    return builder.build(List.of(tensor)).tensor(tensor).shape();
  }

  private void step() {
    // recent values more often: chains with some branches
    int back = Math.min(values.size() - 1, (int) Math.abs(random.nextGaussian() * 1.5));
    int at = values.size() - 1 - back;
    int x = values.get(at);
    Shape shape = shapes.get(at);
    boolean batched = shape.dimension() > 0 && shape.get(0) == -1 && onlyBatchUnknown(shape);
    switch (random.nextInt(batched && shape.dimension() == 4 ? 5 : 3)) {
      case 0 -> function(x, shape);
      case 1 -> {
        if (batched) {
          form(x, shape);
        } else {
          function(x, shape);
        }
      }
      case 2 -> {
        if (batched && shape.dimension() > 1) {
          layer(x, shape);
        } else {
          function(x, shape);
        }
      }
      default -> maps(x, shape);
    }
  }

  private static boolean onlyBatchUnknown(Shape shape) {
    for (int i = 1; i < shape.dimension(); i++) {
      if (shape.get(i) == -1) {
        return false;
      }
    }
    return true;
  }

  private void function(int x, Shape shape) {
    int other = sameShape(shape);
    switch (random.nextInt(9)) {
      case 0, 1 -> add(new Unary(any(SMOOTH)), x);
      case 2 -> add(new Sloped(random.nextBoolean(), 0.3f), x);
      case 3 -> add(new Clip(-0.5, 0.75), x);
      case 4 ->
          add(
              WithNumber.of(
                  any(new Pair[] {Pair.ADD, Pair.SUB, Pair.MUL, Pair.DIV, Pair.MAX, Pair.MIN}),
                  0.5f),
              x);
      case 5, 6 ->
          add(new Binary(any(new Pair[] {Pair.ADD, Pair.SUB, Pair.MAX, Pair.MIN})), x, other);
      case 7 -> add(new Dropout(0.5f), x);
      default -> choose(x, other);
    }
  }

  /** The larger one by way of a comparison: continuous, although it selects. */
  private void choose(int x, int other) {
    int condition = builder.node("gt" + count++, new Binary(Pair.GT), List.of(x, other)).get(0);
    add(new Where(), x, condition, other);
  }

  private int sameShape(Shape shape) {
    List<Integer> same = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (shapes.get(i).equals(shape) && onlyBatchUnknown(shape)) {
        same.add(values.get(i));
      }
    }
    return same.isEmpty()
        ? values.get(shapes.indexOf(shape))
        : same.get(random.nextInt(same.size()));
  }

  /** Changes of form that keep the batch in front. */
  private void form(int x, Shape shape) {
    int rank = shape.dimension();
    int axis = rank == 1 ? 0 : pick(1, rank - 1);
    long length = shape.get(axis);
    switch (random.nextInt(11)) {
      case 0 -> add(Reshape.to(0, -1), rank == 1 ? expanded(x) : x);
      case 1 -> {
        List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        if (rank > 2) {
          order.set(1, rank - 1);
          order.set(rank - 1, 1);
        }
        add(new Transpose(order), x);
      }
      case 2 -> {
        if (rank < 4) {
          add(new ExpandDims(random.nextBoolean() ? -1 : pick(1, rank)), x);
        } else {
          add(new Slice(List.of(Range.ALL, Range.at(random.nextBoolean() ? 0 : -1))), x);
        }
      }
      case 3 -> add(new Concat(axis), x, sameShape(shape));
      case 4 -> {
        if (rank < 4) {
          add(new Stack(pick(1, rank)), x, sameShape(shape));
        } else {
          add(new Flip(List.of(pick(1, 3))), x);
        }
      }
      case 5 -> {
        if (axis > 0 && length > 1) {
          add(new Split(List.of((long) pick(1, (int) length - 1)), axis), x);
        } else {
          add(new Reduce(Reductions.Kind.SUM, List.of(rank - 1), true), x);
        }
      }
      case 6 -> {
        if (axis == 0) {
          add(new Unary(Function.ABS), x);
        } else {
          List<Range> ranges = new ArrayList<>(Collections.nCopies(axis, Range.ALL));
          Long begin = length > 1 && random.nextBoolean() ? 1L : null;
          ranges.add(new Range(begin, null, random.nextBoolean() ? 2L : null, false));
          add(new Slice(ranges), x);
        }
      }
      case 7 ->
          add(
              new Reduce(
                  any(
                      new Reductions.Kind[] {
                        Reductions.Kind.MEAN, Reductions.Kind.MAX, Reductions.Kind.MIN
                      }),
                  List.of(rank - 1),
                  rank < 3 || random.nextBoolean()),
              rank == 1 ? expanded(x) : x);
      case 8 -> {
        if (rank > 1) {
          add(new Softmax(axis, random.nextInt(4) == 0), x);
        } else {
          add(new Unary(Function.ABS), x);
        }
      }
      case 9 -> {
        List<Long> wider = new ArrayList<>(List.of(2L));
        shape.stream().forEach(d -> wider.add(d.getKey() == -1 ? 0L : d.getKey()));
        add(new Broadcast(wider), x);
      }
      default -> {
        List<Long> filled = new ArrayList<>();
        for (long d : shape.getShape()) {
          filled.add(d == -1 ? 0L : d);
        }
        int fill =
            builder
                .node("fill" + count++, new Fill(filled, 0.25, DataType.FLOAT32), List.of())
                .get(0);
        add(new Binary(Pair.ADD), x, fill);
      }
    }
  }

  private int expanded(int x) {
    return builder.node("expand" + count++, new ExpandDims(1), List.of(x)).get(0);
  }

  /** Layers on the last axis. */
  private void layer(int x, Shape shape) {
    int rank = shape.dimension();
    long width = shape.get(rank - 1);
    long out = pick(1, 6);
    switch (random.nextInt(4)) {
      case 0 -> add(new Linear(), x, weight(Type.WEIGHT, out, width), weight(Type.BIAS, out));
      case 1 -> add(new Linear(), x, weight(Type.WEIGHT, out, width));
      case 2 -> add(new MatMul(false), x, weight(Type.OTHER, width, out));
      default -> {
        if (width < 2) {
          add(new Linear(), x, weight(Type.WEIGHT, out, width));
        } else {
          // a large epsilon: differences of equal numbers are not blown up
          add(
              new LayerNorm(new Shape(width), 0.5f),
              x,
              weight(Type.GAMMA, width),
              weight(Type.BETA, width));
        }
      }
    }
  }

  private void maps(int x, Shape shape) {
    long channels = shape.get(1);
    long smallest = Math.min(shape.get(2), shape.get(3));
    int kernel = pick(1, (int) Math.min(3, smallest));
    Shape stride = new Shape(pick(1, 2), pick(1, 2));
    Shape padding = new Shape(pick(0, kernel / 2), pick(0, kernel / 2));
    Shape window = new Shape(kernel, kernel);
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        boolean depthwise = random.nextInt(3) == 0;
        long groups = depthwise ? channels : 1;
        long out = depthwise ? channels : pick(1, 6);
        Convolution conv = new Convolution(stride, padding, new Shape(1, 1), (int) groups);
        int w = weight(Type.WEIGHT, out, channels / groups, kernel, kernel);
        if (random.nextBoolean()) {
          add(conv, x, w);
        } else {
          add(conv, x, w, weight(Type.BIAS, out));
        }
      }
      case 2 ->
          add(
              new BatchNorm(random.nextInt(4) == 0 ? -1 : 1, 0.9f, 1e-2f),
              x,
              weight(Type.RUNNING_MEAN, channels),
              weight(Type.RUNNING_VAR, channels),
              weight(Type.GAMMA, channels),
              weight(Type.BETA, channels));
      case 3 ->
          add(
              new Pool(
                  any(Pooling.Kind.values()),
                  window,
                  stride,
                  padding,
                  random.nextBoolean(),
                  random.nextBoolean()),
              x);
      case 4 -> add(new GlobalPool(any(Pooling.Kind.values())), x);
      default -> add(new Pad(new Shape(pick(0, 2), pick(0, 2), pick(0, 1), pick(0, 1)), 0.5), x);
    }
  }
}
