package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RNN;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Sloped;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Filling.FillLike;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Pooling.GlobalPool;
import org.vpns.internal.graph.op.Recurrent;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Reductions.Reduce;
import org.vpns.internal.graph.op.Shaping;

/** What the methods of arrays mean, by name and parameter types. */
final class Vocabulary {
  /** Reads a call: the receiver, and the arguments as the block passed them. */
  interface Rule {
    /** The meaning, or null if the call has none that a graph can express. */
    @Nullable Call read(NDArray self, Object[] arguments);
  }

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    elementwise();
    layers();
    reductions();
    shapes();
    joining();
    recurrent();
  }

  private Vocabulary() {}

  static @Nullable Rule find(Method method) {
    return RULES.get(signature(method));
  }

  static String signature(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(",", method.getName() + "(", ")"));
  }

  private static void put(String signature, Rule rule) {
    if (RULES.put(signature, rule) != null) {
      throw new IllegalStateException(signature);
    }
  }

  private static void elementwise() {
    Map<String, Pair> pairs = new HashMap<>();
    for (String name : List.of("add", "sub", "mul", "div", "mod", "pow")) {
      pairs.put(name, Pair.valueOf(name.toUpperCase(java.util.Locale.ROOT)));
    }
    pairs.forEach(
        (name, pair) -> {
          putPair(name, pair);
          put(name + "i(Number)", (x, a) -> withNumber(pair, x, a).inPlace());
          put(name + "i(NDArray)", (x, a) -> binary(pair, x, a).inPlace());
        });
    Map.of("eq", Pair.EQ, "neq", Pair.NEQ, "gt", Pair.GT, "gte", Pair.GTE)
        .forEach(Vocabulary::putPair);
    Map.of("lt", Pair.LT, "lte", Pair.LTE, "maximum", Pair.MAX, "minimum", Pair.MIN)
        .forEach(Vocabulary::putPair);
    Map.of("logicalAnd", Pair.AND, "logicalOr", Pair.OR, "logicalXor", Pair.XOR)
        .forEach((name, pair) -> put(name + "(NDArray)", (x, a) -> binary(pair, x, a)));

    Map<String, Function> functions = new HashMap<>();
    for (Function function : Function.values()) {
      functions.put(function.name().toLowerCase(java.util.Locale.ROOT), function);
    }
    functions.remove("stop_gradient");
    functions.remove("softplus");
    functions.remove("softsign");
    functions.remove("not");
    functions.remove("is_nan");
    functions.put("logicalNot", Function.NOT);
    functions.put("isNaN", Function.IS_NAN);
    functions.put("softPlus", Function.SOFTPLUS);
    functions.put("softSign", Function.SOFTSIGN);
    functions.forEach((name, f) -> put(name + "()", (x, a) -> Call.of(new Unary(f), x)));
    put("negi()", (x, a) -> Call.of(new Unary(Function.NEG), x).inPlace());
    put("signi()", (x, a) -> Call.of(new Unary(Function.SIGN), x).inPlace());
    put("stopGradient()", (x, a) -> Call.view(new Unary(Function.STOP_GRADIENT), x));
    // the engine's copies carry no gradient
    put("duplicate()", (x, a) -> Call.of(new Unary(Function.STOP_GRADIENT), x));
    put("leakyRelu(float)", (x, a) -> Call.of(new Sloped(false, (float) a[0]), x));
    put("elu(float)", (x, a) -> Call.of(new Sloped(true, (float) a[0]), x));
    put(
        "clip(Number,Number)",
        (x, a) ->
            Call.of(
                new Elementwise.Clip(((Number) a[0]).doubleValue(), ((Number) a[1]).doubleValue()),
                x));
    put(
        "where(NDArray,NDArray)",
        (x, a) -> Call.of(new Elementwise.Where(), x, (NDArray) a[0], (NDArray) a[1]));
    put("toType(DataType,boolean)", (x, a) -> Call.of(new Elementwise.Cast((DataType) a[0]), x));
    put("zerosLike()", (x, a) -> Call.of(new FillLike(false), x));
    put("onesLike()", (x, a) -> Call.of(new FillLike(true), x));
  }

  private static void putPair(String name, Pair pair) {
    put(name + "(Number)", (x, a) -> withNumber(pair, x, a));
    put(name + "(NDArray)", (x, a) -> binary(pair, x, a));
  }

  private static Call withNumber(Pair pair, NDArray x, Object[] a) {
    return Call.of(WithNumber.of(pair, (Number) a[0]), x);
  }

  private static Call binary(Pair pair, NDArray x, Object[] a) {
    return Call.of(new Binary(pair), x, (NDArray) a[0]);
  }

  private static void layers() {
    put(
        "convolution(NDArray,NDArray,NDArray,Shape,Shape,Shape,int)",
        (x, a) ->
            Call.of(
                new Layers.Convolution((Shape) a[3], (Shape) a[4], (Shape) a[5], (Integer) a[6]),
                optional(a, 3)));
    put("linear(NDArray,NDArray,NDArray)", (x, a) -> Call.of(new Layers.Linear(), optional(a, 3)));
    put(
        "batchNorm(NDArray,NDArray,NDArray,NDArray,NDArray,int,float,float,boolean)",
        (x, a) ->
            Call.of(
                new Layers.BatchNorm((Integer) a[5], (Float) a[6], (Float) a[7]), optional(a, 5)));
    put(
        "layerNorm(NDArray,Shape,NDArray,NDArray,float)",
        (x, a) ->
            Call.of(
                new Layers.LayerNorm((Shape) a[1], (Float) a[4]),
                (NDArray) a[0],
                (NDArray) a[2],
                (NDArray) a[3]));
    put(
        "dropout(NDArray,float,boolean)",
        (x, a) -> Call.of(new Layers.Dropout((Float) a[1]), (NDArray) a[0]));
    put(
        "matMul(NDArray)",
        (x, a) -> matrices(x, a) ? Call.of(new Layers.MatMul(false), x, (NDArray) a[0]) : null);
    put(
        "batchMatMul(NDArray)",
        (x, a) -> matrices(x, a) ? Call.of(new Layers.MatMul(true), x, (NDArray) a[0]) : null);
    put(
        "maxPool(Shape,Shape,Shape,boolean)",
        (x, a) -> Call.of(pool(Pooling.Kind.MAX, a, true), x));
    put(
        "avgPool(Shape,Shape,Shape,boolean,boolean)",
        (x, a) -> Call.of(pool(Pooling.Kind.AVERAGE, a, (Boolean) a[4]), x));
    put("globalMaxPool()", (x, a) -> Call.of(new GlobalPool(Pooling.Kind.MAX), x));
    put("globalAvgPool()", (x, a) -> Call.of(new GlobalPool(Pooling.Kind.AVERAGE), x));
  }

  private static @Nullable NDArray[] optional(Object[] arguments, int count) {
    NDArray[] arrays = new NDArray[count];
    for (int i = 0; i < count; i++) {
      arrays[i] = (NDArray) arguments[i];
    }
    return arrays;
  }

  private static boolean matrices(NDArray x, Object[] a) {
    return x.getShape().dimension() >= 2 && ((NDArray) a[0]).getShape().dimension() >= 2;
  }

  private static Pooling.Pool pool(Pooling.Kind kind, Object[] a, boolean countPadding) {
    return new Pooling.Pool(
        kind, (Shape) a[0], (Shape) a[1], (Shape) a[2], (Boolean) a[3], countPadding);
  }

  private static void reductions() {
    for (Reductions.Kind kind : Reductions.Kind.values()) {
      String name = kind.name().toLowerCase(java.util.Locale.ROOT);
      put(
          name + "(int[],boolean)",
          (x, a) -> Call.of(new Reduce(kind, Ints.asList((int[]) a[0]), (Boolean) a[1]), x));
      put(name + "()", (x, a) -> Call.of(new Reduce(kind, List.of(), false), x));
    }
    put("argMax(int)", (x, a) -> Call.of(new Reductions.ArgExtreme(false, (Integer) a[0]), x));
    put("argMin(int)", (x, a) -> Call.of(new Reductions.ArgExtreme(true, (Integer) a[0]), x));
    put(
        "topK(int,int,boolean,boolean)",
        // unsorted ones come in an order of the engine's
        (x, a) ->
            (Boolean) a[3]
                ? Call.of(new Reductions.TopK((Integer) a[0], (Integer) a[1], (Boolean) a[2]), x)
                : null);
    put("softmax(int)", (x, a) -> Call.of(new Reductions.Softmax((Integer) a[0], false), x));
    put("logSoftmax(int)", (x, a) -> Call.of(new Reductions.Softmax((Integer) a[0], true), x));
  }

  private static void shapes() {
    put(
        "reshape(Shape)",
        (x, a) -> {
          long[] target = ((Shape) a[0]).getShape();
          // here, 0 would be a length
          return Longs.contains(target, 0) ? null : Call.view(Shaping.Reshape.to(target), x);
        });
    put("flatten()", (x, a) -> flattened(x, 0, -1));
    put("flatten(int,int)", (x, a) -> flattened(x, (Integer) a[0], (Integer) a[1]));
    put(
        "transpose()",
        (x, a) -> {
          int rank = x.getShape().dimension();
          return transposed(x, IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
        });
    put("transpose(int[])", (x, a) -> transposed(x, (int[]) a[0]));
    put(
        "swapAxes(int,int)",
        (x, a) ->
            Call.view(
                Shaping.Transpose.swapping(
                    x.getShape().dimension(), (Integer) a[0], (Integer) a[1]),
                x));
    put(
        "squeeze()",
        (x, a) ->
            squeezed(
                x,
                IntStream.range(0, x.getShape().dimension())
                    .filter(i -> x.getShape().get(i) == 1)
                    .toArray()));
    put(
        "squeeze(int)",
        (x, a) -> {
          // the engine leaves an axis that is longer
          int axis = (Integer) a[0];
          return x.size(axis < 0 ? axis + x.getShape().dimension() : axis) == 1
              ? squeezed(x, axis)
              : null;
        });
    put("squeeze(int[])", (x, a) -> squeezed(x, (int[]) a[0]));
    put("expandDims(int)", (x, a) -> Call.view(new Shaping.ExpandDims((Integer) a[0]), x));
    put(
        "broadcast(Shape)",
        (x, a) -> Call.view(new Shaping.Broadcast(Longs.asList(((Shape) a[0]).getShape())), x));
    put("pad(Shape,double)", (x, a) -> Call.of(new Shaping.Pad((Shape) a[0], (Double) a[1]), x));
    put("flip(int[])", (x, a) -> Call.of(new Shaping.Flip(Ints.asList((int[]) a[0])), x));
    put("get(NDIndex)", (x, a) -> Indices.read(x, (NDIndex) a[0]));
    put("get(NDManager,NDIndex)", (x, a) -> Indices.read(x, (NDIndex) a[1]));
    put(
        "gather(NDArray,int)",
        (x, a) -> Call.of(new Indexing.Gather((Integer) a[1]), x, (NDArray) a[0]));
    put("get(NDManager,long[])", (x, a) -> Indices.read(x, new NDIndex((long[]) a[1])));
  }

  private static Call transposed(NDArray x, int[] permutation) {
    return Call.view(new Shaping.Transpose(Ints.asList(permutation)), x);
  }

  private static Call squeezed(NDArray x, int... axes) {
    return Call.view(new Shaping.Squeeze(Ints.asList(axes)), x);
  }

  private static Call flattened(NDArray x, int first, int last) {
    Shape shape = x.getShape();
    int rank = shape.dimension();
    int from = first < 0 ? first + rank : first;
    int to = last < 0 ? last + rank : last;
    Shape target =
        shape.slice(0, from).add(shape.slice(from, to + 1).size()).addAll(shape.slice(to + 1));
    return Call.view(Shaping.Reshape.to(target.getShape()), x);
  }

  private static void joining() {
    put(
        "concat(NDList,int)",
        (x, a) -> Call.of(new Joining.Concat((Integer) a[1]), joined(x, (NDList) a[0])));
    put(
        "stack(NDList,int)",
        (x, a) -> Call.of(new Joining.Stack((Integer) a[1]), joined(x, (NDList) a[0])));
    put(
        "split(long[],int)",
        (x, a) -> {
          List<Long> indices = Longs.asList((long[]) a[0]);
          return Call.view(new Joining.Split(indices, (Integer) a[1]), x);
        });
    put(
        "split(long,int)",
        (x, a) -> {
          int axis = (Integer) a[1];
          long length = x.size(axis < 0 ? axis + x.getShape().dimension() : axis);
          long piece = length / (Long) a[0];
          List<Long> indices = new ArrayList<>();
          for (long at = piece; at < length; at += piece) {
            indices.add(at);
          }
          return Call.view(new Joining.Split(indices, axis), x);
        });
  }

  private static List<NDArray> joined(NDArray first, NDList others) {
    return ImmutableList.<NDArray>builder().add(first).addAll(others).build();
  }

  private static void recurrent() {
    put(
        "lstm(NDArray,NDList,NDList,boolean,int,double,boolean,boolean,boolean)",
        (x, a) -> recurrent(Recurrent.Cell.LSTM, a, (NDList) a[1], 5));
    put(
        "gru(NDArray,NDArray,NDList,boolean,int,double,boolean,boolean,boolean)",
        (x, a) -> recurrent(Recurrent.Cell.GRU, a, new NDList((NDArray) a[1]), 5));
    put(
        "rnn(NDArray,NDArray,NDList,boolean,int,Activation,double,boolean,boolean,boolean)",
        (x, a) -> {
          boolean relu = a[5] == RNN.Activation.RELU;
          Recurrent.Cell cell = relu ? Recurrent.Cell.RELU : Recurrent.Cell.TANH;
          return recurrent(cell, a, new NDList((NDArray) a[1]), 6);
        });
  }

  private static Call recurrent(Recurrent.Cell cell, Object[] a, NDList states, int rate) {
    List<NDArray> inputs = new ArrayList<>();
    inputs.add((NDArray) a[0]);
    inputs.addAll(states);
    inputs.addAll((NDList) a[2]);
    return Call.of(
        new Recurrent(
            cell,
            (Boolean) a[3],
            (Integer) a[4],
            (Double) a[rate],
            (Boolean) a[rate + 2],
            (Boolean) a[rate + 3]),
        inputs);
  }
}
