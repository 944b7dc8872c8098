package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Cast;
import org.vpns.internal.graph.op.Elementwise.Clip;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Sloped;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Elementwise.Where;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.internal.graph.op.Filling.Fill;
import org.vpns.internal.graph.op.Filling.FillLike;
import org.vpns.internal.graph.op.Indexing.Gather;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.op.Indexing.Slice;
import org.vpns.internal.graph.op.Indexing.Take;
import org.vpns.internal.graph.op.Joining.Concat;
import org.vpns.internal.graph.op.Joining.Split;
import org.vpns.internal.graph.op.Joining.Stack;
import org.vpns.internal.graph.op.Layers.BatchNorm;
import org.vpns.internal.graph.op.Layers.Convolution;
import org.vpns.internal.graph.op.Layers.Dropout;
import org.vpns.internal.graph.op.Layers.LayerNorm;
import org.vpns.internal.graph.op.Layers.Linear;
import org.vpns.internal.graph.op.Layers.MatMul;
import org.vpns.internal.graph.op.Operators;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Pooling.GlobalPool;
import org.vpns.internal.graph.op.Pooling.Pool;
import org.vpns.internal.graph.op.Recurrent;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Reductions.Reduce;
import org.vpns.internal.graph.op.Reductions.Softmax;
import org.vpns.internal.graph.op.Shaping.Broadcast;
import org.vpns.internal.graph.op.Shaping.ExpandDims;
import org.vpns.internal.graph.op.Shaping.Flip;
import org.vpns.internal.graph.op.Shaping.Pad;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.internal.graph.op.Shaping.Squeeze;
import org.vpns.internal.graph.op.Shaping.Transpose;
import org.vpns.internal.graph.op.TransposedConvolution;
import org.vpns.onnx.SmallGraphs.Draw;

/** Every operator by itself: a file of it gives in ONNX Runtime what it gives in the engine. */
final class OperatorExportTest {
  @TempDir Path folder;

  static Stream<OperatorCase> layers() {
    List<OperatorCase> cases = new ArrayList<>();
    cases.add(
        conv(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1).with(Type.WEIGHT, 5, 4, 3, 3));
    cases.add(
        conv(new Shape(2, 1), new Shape(0, 2), new Shape(1, 2), 1)
            .with(Type.WEIGHT, 6, 4, 3, 2)
            .with(Type.BIAS, 6));
    cases.add(
        conv(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 4)
            .with(Type.WEIGHT, 8, 1, 3, 3)
            .with(Type.BIAS, 8));
    cases.add(
        conv(new Shape(1, 1), new Shape(0, 0), new Shape(1, 1), 2).with(Type.WEIGHT, 6, 2, 1, 1));
    cases.add(
        OperatorCase.of(new Convolution(new Shape(2), new Shape(1), new Shape(1), 1), 3, 9)
            .with(Type.WEIGHT, 4, 3, 3));
    cases.add(turned(new Shape(2, 1), List.of(1L, 0L, 0L, -1L), 1).with(Type.WEIGHT, 4, 3, 3, 2));
    cases.add(turned(new Shape(2, 1), List.of(-1L, 0L, -3L, 2L), 1).with(Type.WEIGHT, 4, 3, 3, 2));
    cases.add(turned(new Shape(2, 2), List.of(0L, 7L, -1L, 0L), 1).with(Type.WEIGHT, 4, 3, 3, 2));
    cases.add(
        turned(new Shape(2, 3), List.of(1L, 0L, 1L, 1L), 2)
            .with(Type.WEIGHT, 4, 2, 3, 3)
            .with(Type.BIAS, 4));
    cases.add(OperatorCase.of(new Linear(), 7).with(Type.WEIGHT, 4, 7).with(Type.BIAS, 4));
    cases.add(OperatorCase.of(new Linear(), 7).with(Type.WEIGHT, 4, 7));
    cases.add(OperatorCase.of(new Linear(), 3, 7).with(Type.WEIGHT, 4, 7).with(Type.BIAS, 4));
    cases.add(OperatorCase.of(new Linear(), 2, 3, 7).with(Type.WEIGHT, 4, 7));
    cases.add(batchNorm(-1, 3, 4, 5));
    cases.add(batchNorm(1, 3, 4, 5));
    cases.add(batchNorm(3, 4, 5, 3));
    cases.add(batchNorm(2, 4, 3));
    cases.add(batchNorm(1, 3));
    cases.add(
        OperatorCase.of(new LayerNorm(new Shape(6), 1e-5f), 4, 6)
            .with(Type.GAMMA, 6)
            .with(Type.BETA, 6));
    cases.add(
        OperatorCase.of(new LayerNorm(new Shape(3, 4), 1e-3f), 2, 3, 4)
            .with(Type.GAMMA, 3, 4)
            .with(Type.BETA, 3, 4));
    cases.add(
        OperatorCase.of(new LayerNorm(new Shape(1, 1), 1e-3f), 3, 1, 1)
            .with(Type.GAMMA, 1, 1)
            .with(Type.BETA, 1, 1));
    cases.add(OperatorCase.of(new Dropout(0.5f), 4));
    cases.add(OperatorCase.of(new MatMul(false), 3, 4).with(Type.OTHER, 4, 2));
    cases.add(OperatorCase.of(new MatMul(true), 3, 4).and(4, 5));
    return cases.stream();
  }

  private static OperatorCase conv(Shape stride, Shape padding, Shape dilation, int groups) {
    return OperatorCase.of(new Convolution(stride, padding, dilation, groups), 4, 7, 8);
  }

  private static OperatorCase turned(Shape stride, List<Long> cut, int groups) {
    return OperatorCase.of(
        new TransposedConvolution(stride, cut, new Shape(2, 2), groups), 4, 5, 6);
  }

  private static OperatorCase batchNorm(int axis, long... perImage) {
    long channels = perImage[axis == -1 ? 0 : axis - 1];
    return OperatorCase.of(new BatchNorm(axis, 0.9f, 1e-3f), perImage)
        .with(Type.RUNNING_MEAN, channels)
        .with(Type.RUNNING_VAR, channels)
        .with(Type.GAMMA, channels)
        .with(Type.BETA, channels);
  }

  static Stream<OperatorCase> functions() {
    List<OperatorCase> cases = new ArrayList<>();
    for (Function f : Function.values()) {
      boolean roots = f == Function.SQRT || f == Function.LOG || f == Function.LOG2;
      cases.add(OperatorCase.of(new Unary(f), 3, 40).draw(roots ? Draw.POSITIVE : Draw.NORMAL));
      cases.add(OperatorCase.of(new Unary(f), 3, 40).draw(roots ? Draw.POSITIVE : Draw.STEPS));
    }
    for (Function f : List.of(Function.NEG, Function.ABS, Function.SIGN, Function.SQUARE)) {
      cases.add(OperatorCase.of(new Unary(f), 4).as(DataType.INT64));
    }
    cases.add(OperatorCase.of(new Sloped(true, 0.7f), 20));
    cases.add(OperatorCase.of(new Sloped(false, 0.1f), 20));
    cases.add(OperatorCase.of(new Clip(-0.5, 1.25), 20));
    cases.add(OperatorCase.of(new Clip(0.1, Double.POSITIVE_INFINITY), 20));
    cases.add(OperatorCase.of(new Cast(DataType.INT64), 20).draw(Draw.STEPS));
    cases.add(OperatorCase.of(new Cast(DataType.FLOAT64), 20));
    cases.add(OperatorCase.of(new Cast(DataType.BOOLEAN), 20).draw(Draw.STEPS));
    return cases.stream();
  }

  static Stream<OperatorCase> pairs() {
    List<OperatorCase> cases = new ArrayList<>();
    for (Pair p : Pair.values()) {
      Draw draw = p == Pair.POW || p == Pair.DIV ? Draw.POSITIVE : Draw.STEPS;
      cases.add(OperatorCase.of(new Binary(p), 3, 20).and(3, 20).draw(draw));
      cases.add(OperatorCase.of(new Binary(p), 3, 20).and(1, 20).draw(draw));
      if (p.isLogical()) {
        continue;
      }
      cases.add(OperatorCase.of(WithNumber.of(p, 1.5f), 3, 20).draw(draw));
      cases.add(OperatorCase.of(WithNumber.of(p, 2), 3, 20).draw(draw));
      if (p != Pair.MOD) { // by 0 it fails
        cases.add(
            OperatorCase.of(new Binary(p), 3, 4).and(1, 4).as(DataType.INT64, DataType.INT64));
        cases.add(OperatorCase.of(WithNumber.of(p, 2), 3, 4).as(DataType.INT64));
      }
      cases.add(OperatorCase.of(WithNumber.of(p, 0.5f), 3, 4).as(DataType.INT64));
      cases.add(
          OperatorCase.of(new Binary(p), 3, 4)
              .and(3, 4)
              .as(DataType.FLOAT32, DataType.INT64)
              .draw(Draw.POSITIVE));
    }
    cases.add(OperatorCase.of(WithNumber.of(Pair.MOD, 3), 3, 4).as(DataType.INT64));
    cases.add(OperatorCase.of(WithNumber.of(Pair.MOD, -1.3f), 3, 40));
    cases.add(OperatorCase.of(WithNumber.of(Pair.POW, 0.5f), 3, 4).draw(Draw.POSITIVE));
    cases.add(
        OperatorCase.of(new Where(), 1, 3)
            .input(DataType.BOOLEAN, new Shape(-1, 4, 1))
            .input(DataType.FLOAT32, new Shape(4, 3)));
    cases.add(
        OperatorCase.of(new Where(), 20)
            .and(20)
            .and(20)
            .as(DataType.FLOAT32, DataType.BOOLEAN, DataType.FLOAT32));
    return cases.stream();
  }

  static Stream<OperatorCase> pools() {
    List<OperatorCase> cases = new ArrayList<>();
    long[][] sizes = {{7, 7}, {8, 6}, {9, 10}};
    for (Pooling.Kind kind : Pooling.Kind.values()) {
      for (long[] size : sizes) {
        for (boolean ceil : new boolean[] {false, true}) {
          for (boolean count : new boolean[] {false, true}) {
            for (long[] k : new long[][] {{2, 2, 0}, {3, 2, 1}, {3, 2, 0}, {3, 1, 1}, {5, 3, 2}}) {
              cases.add(pool(kind, size, k, ceil, count));
            }
          }
        }
      }
      cases.add(pool(kind, new long[] {4, 5}, new long[] {1, 2, 0}, true, true));
      cases.add(pool(kind, new long[] {6, 7}, new long[] {2, 3, 1}, true, true));
      cases.add(OperatorCase.of(new GlobalPool(kind), 3, 5, 4));
      cases.add(OperatorCase.of(new GlobalPool(kind), 3, 5));
      cases.add(
          OperatorCase.of(
              new Pool(kind, new Shape(3), new Shape(2), new Shape(1), true, true), 3, 8));
    }
    cases.add(
        OperatorCase.of(
            new Pool(
                Pooling.Kind.AVERAGE,
                new Shape(3, 2),
                new Shape(2, 3),
                new Shape(1, 0),
                true,
                false),
            2,
            8,
            9));
    return cases.stream();
  }

  private static OperatorCase pool(
      Pooling.Kind kind, long[] size, long[] window, boolean ceil, boolean count) {
    Shape[] each = new Shape[3];
    for (int i = 0; i < 3; i++) {
      each[i] = new Shape(window[i], window[i]);
    }
    return OperatorCase.of(
        new Pool(kind, each[0], each[1], each[2], ceil, count), 2, size[0], size[1]);
  }

  static Stream<OperatorCase> shapes() {
    List<OperatorCase> cases = new ArrayList<>();
    cases.add(OperatorCase.of(Reshape.to(0, -1), 3, 4, 5));
    cases.add(OperatorCase.of(Reshape.to(0, 2, 6), 3, 4));
    cases.add(OperatorCase.of(Reshape.to(-1, 12), 3, 4, 5));
    cases.add(OperatorCase.of(Reshape.to(-1), 3, 4));
    cases.add(OperatorCase.of(new Transpose(List.of(0, 3, 1, 2)), 3, 4, 5));
    cases.add(OperatorCase.of(new Transpose(List.of(1, 0)), 3));
    cases.add(OperatorCase.of(new Squeeze(List.of(1, -1)), 1, 4, 1));
    cases.add(OperatorCase.of(new ExpandDims(1), 4));
    cases.add(OperatorCase.of(new ExpandDims(-1), 4));
    cases.add(OperatorCase.of(new Broadcast(List.of(0L, 3L, 4L)), 1, 4));
    cases.add(OperatorCase.of(new Broadcast(List.of(2L, 0L, 4L)), 4));
    cases.add(OperatorCase.of(new Pad(new Shape(1, 2, 0, 3), 0.5), 2, 3, 4));
    cases.add(OperatorCase.of(new Pad(new Shape(-1, 2), 0), 2, 4));
    cases.add(OperatorCase.of(new Pad(new Shape(0, 0, 0, 0, 2, 1), 0), 3, 2, 2));
    cases.add(OperatorCase.of(new Flip(List.of(2)), 2, 5));
    cases.add(OperatorCase.of(new Flip(List.of(1, -1)), 2, 5));
    cases.add(OperatorCase.of(new FillLike(true), 2, 5));
    cases.add(OperatorCase.of(new FillLike(false), 2).as(DataType.INT64));
    cases.add(OperatorCase.of(new Concat(1), 2, 3).and(4, 3));
    cases.add(OperatorCase.of(new Concat(-1), 2, 3).and(2, 1).and(2, 2));
    cases.add(OperatorCase.of(new Concat(0), 3).and(3));
    cases.add(OperatorCase.of(new Stack(0), 3).and(3));
    cases.add(OperatorCase.of(new Stack(2), 3, 2).and(3, 2).and(3, 2));
    cases.add(OperatorCase.of(new Stack(-1), 3).and(3));
    cases.add(OperatorCase.of(new Split(List.of(1L, 4L), 1), 6));
    cases.add(OperatorCase.of(new Split(List.of(2L, 4L), 2), 3, 6));
    cases.add(slice(Range.ALL, new Range(1L, null, null, false)));
    cases.add(slice(Range.ALL, new Range(null, null, 2L, false), new Range(1L, 4L, null, false)));
    cases.add(slice(Range.ALL, new Range(-3L, -1L, null, false)));
    cases.add(slice(Range.ALL, Range.at(2)));
    cases.add(slice(Range.ALL, Range.at(-1), new Range(null, 3L, 2L, false)));
    cases.add(slice(Range.ALL, Range.at(-2), Range.at(0)));
    cases.add(slice(new Range(0L, 1L, null, false)));
    cases.add(slice(Range.at(-1)));
    cases.add(slice(Range.ALL, Range.ALL));
    cases.add(OperatorCase.of(new Take(1), 4, 2).input(DataType.INT64, new Shape(3)));
    cases.add(OperatorCase.of(new Take(1), 4).input(DataType.INT64, new Shape(3, 2)));
    cases.add(OperatorCase.of(new Take(2), 2, 5).input(DataType.INT64, new Shape(4)));
    cases.add(OperatorCase.of(new Gather(1), 4, 2).input(DataType.INT64, new Shape(-1, 3, 2)));
    cases.add(OperatorCase.of(new Gather(-1), 2, 5).input(DataType.INT64, new Shape(-1, 2, 4)));
    cases.add(OperatorCase.of(new Broadcast(List.of(0L, 3L, -1L)), 1, 4));
    for (Reductions.Kind kind : Reductions.Kind.values()) {
      cases.add(OperatorCase.of(new Reduce(kind, List.of(1), false), 3, 4));
      cases.add(OperatorCase.of(new Reduce(kind, List.of(-1), true), 3, 4));
      cases.add(OperatorCase.of(new Reduce(kind, List.of(0), false), 3));
    }
    cases.add(OperatorCase.of(new Reduce(Reductions.Kind.SUM, List.of(1, 2), false), 3, 4));
    cases.add(OperatorCase.of(new Reduce(Reductions.Kind.SUM, List.of(1, -1), true), 3, 4));
    cases.add(
        OperatorCase.of(new Reduce(Reductions.Kind.MAX, List.of(1), true), 3).as(DataType.INT64));
    cases.add(OperatorCase.of(new Reductions.ArgExtreme(false, 1), 5, 3));
    cases.add(OperatorCase.of(new Reductions.ArgExtreme(true, -1), 5, 3));
    cases.add(OperatorCase.of(new Reductions.TopK(3, 1, true), 5, 3));
    cases.add(OperatorCase.of(new Reductions.TopK(2, -1, false), 5, 3));
    cases.add(OperatorCase.of(new Reductions.TopK(4, 1, true), 9).draw(Draw.STEPS));
    cases.add(OperatorCase.of(new Softmax(1, false), 5, 3));
    cases.add(OperatorCase.of(new Softmax(-1, true), 5, 3));
    return cases.stream();
  }

  private static OperatorCase slice(Range... ranges) {
    return OperatorCase.of(new Slice(List.of(ranges)), 5, 6);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"layers", "functions", "pairs", "pools", "shapes"})
  void file_ofOneOperator_givesWhatTheOperatorGives(OperatorCase one) {
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = SmallGraphs.block(one.graph(), manager, 3);
      SmallGraphs.assertFileGivesTheSame(
          block, one.draw(), Onnx.export(block), folder.resolve("one.onnx"));
    }
  }

  @Test
  void cases_allTogether_coverEveryTypeOfOperator() {
    Set<Class<?>> covered =
        Stream.of(layers(), functions(), pairs(), pools(), shapes())
            .flatMap(cases -> cases)
            .map(one -> one.operator().getClass())
            .collect(Collectors.toSet());
    covered.add(Fill.class); // has no inputs: GraphExportTest
    covered.add(Recurrent.class); // is refused: ExportRefusalTest
    assertThat(covered).containsAll(Operators.TYPES.values());
    assertThat(Operators.TYPES.values()).allMatch(Exporter::knows);
  }
}
