package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Convolution and matrix products. */
final class MatrixOperators {
  private MatrixOperators() {}

  static void addTo(OperatorTable table) {
    table.add("Conv", MatrixOperators::convolution);
    table.add("ConvTranspose", TransposedConvolution::prepare);
    table.add("Gemm", node -> gemm(node, node.flag("transB", false)));
    table.add("MatMul", MatrixOperators::product);
  }

  private static Step convolution(OnnxNode node) throws FormatException {
    node.requireInputs(2, 3);
    int groups = node.integer("group", 1, 1, Integer.MAX_VALUE);
    long[] kernel = Windows.sizes(node, "kernel_shape", 1);
    Windows windows = Windows.read(node, false);
    return in -> List.of(OnnxValue.of(convolved(in, groups, kernel, windows)));
  }

  /** The weight's extents after its channels, which the attribute, if it is there, repeats. */
  static long[] window(Operands in, long @Nullable [] kernel) {
    Shape weight = in.shape(1);
    long[] window = Shapes.part(weight, 2, weight.dimension());
    if (kernel != null && !Arrays.equals(kernel, window)) {
      throw in.problem(
          "attribute does not fit the weight: 'kernel_shape'",
          Arrays.toString(window),
          Arrays.toString(kernel),
          "export the model again");
    }
    return window;
  }

  private static NDArray convolved(
      Operands in, int groups, long @Nullable [] kernel, Windows windows) {
    in.requireRank(0, 3, 5);
    in.requireRank(1, in.rank(0), in.rank(0));
    Shape shape = in.shape(0);
    Shape weight = in.shape(1);
    long[] window = window(in, kernel);
    if (weight.size() == 0 || weight.get(0) % groups != 0) {
      throw in.problem(
          "group does not divide the output channels",
          "a divisor of " + weight.get(0),
          groups,
          "export the model again");
    }
    if (shape.get(1) != weight.get(1) * groups) {
      throw in.problem(
          "input has another number of channels",
          weight.get(1) * groups,
          shape.get(1),
          "check the shape of the network's input");
    }
    if (in.has(2) && !in.shape(2).equals(new Shape(weight.get(0)))) {
      throw in.problem(
          "bias does not fit the weight",
          new Shape(weight.get(0)),
          in.shape(2),
          "export the model again");
    }
    Windows.Place place = windows.place(in, shape, window);
    Shape result = Shapes.join(new long[] {shape.get(0), weight.get(0)}, place.out());
    in.requireSums(in.requireRoom(result), weight.size() / weight.get(0));
    NDArray x = in.array(0);
    Shape padding = new Shape(place.begin());
    if (!place.symmetric()) {
      x = in.temporary(x.pad(place.explicit(Shapes.part(shape, 2, shape.dimension())), 0));
      padding = new Shape(new long[window.length]);
    }
    return x.getNDArrayInternal()
        .convolution(
            x,
            in.array(1),
            in.has(2) ? in.array(2) : null,
            new Shape(place.strides()),
            padding,
            new Shape(place.dilations()),
            groups)
        .singletonOrThrow();
  }

  /**
   * {@code alpha A B + beta C}.
   *
   * @param outIn whether the second operand is (out, in), whatever the file says
   */
  static Step gemm(OnnxNode node, boolean outIn) throws FormatException {
    node.requireInputs(2, 3);
    node.ignore("transB");
    float alpha = node.real("alpha", 1);
    float beta = node.real("beta", 1);
    boolean transposeA = node.flag("transA", false);
    return in -> {
      in.requireRank(0, 2, 2);
      in.requireRank(1, 2, 2);
      long rows = in.shape(0).get(transposeA ? 1 : 0);
      long inner = in.shape(0).get(transposeA ? 0 : 1);
      long columns = in.shape(1).get(outIn ? 0 : 1);
      requireInner(in, inner, in.shape(1).get(outIn ? 1 : 0));
      in.requireSums(in.requireRoom(new Shape(rows, columns)), inner);
      NDArray a = in.array(0);
      a = transposeA ? in.temporary(a.transpose(1, 0)) : a;
      boolean plainBias = !in.has(2) || (beta == 1 && in.shape(2).equals(new Shape(columns)));
      if (outIn && alpha == 1 && plainBias) {
        NDArray bias = in.has(2) ? in.array(2) : null;
        return List.of(
            OnnxValue.of(a.getNDArrayInternal().linear(a, in.array(1), bias).singletonOrThrow()));
      }
      NDArray b = outIn ? in.temporary(in.array(1).transpose(1, 0)) : in.array(1);
      NDArray result = a.matMul(b);
      if (alpha != 1) {
        result = in.temporary(result).mul(alpha);
      }
      if (in.has(2)) {
        if (!Shapes.broadcast(in, in.shape(2), new Shape(rows, columns))
            .equals(new Shape(rows, columns))) {
          throw in.problem(
              "bias does not fit the product",
              new Shape(rows, columns),
              in.shape(2),
              "export the model again");
        }
        NDArray bias = beta == 1 ? in.array(2) : in.temporary(in.array(2).mul(beta));
        result = in.temporary(result).add(bias);
      }
      return List.of(OnnxValue.of(result));
    };
  }

  /** A product with a weight that is kept as (out, in). */
  static Step linear(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    return in -> {
      in.requireRank(0, 1, 32);
      int rank = in.rank(0);
      requireInner(in, in.shape(0).get(rank - 1), in.shape(1).get(1));
      long[] rows = Shapes.part(in.shape(0), 0, rank - 1);
      Shape result = Shapes.join(rows, new long[] {in.shape(1).get(0)});
      in.requireSums(in.requireRoom(result), in.shape(1).get(1));
      NDArray x = in.array(0);
      return List.of(
          OnnxValue.of(x.getNDArrayInternal().linear(x, in.array(1), null).singletonOrThrow()));
    };
  }

  private static Step product(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    return in -> {
      in.requireRank(0, 1, 32);
      in.requireRank(1, 1, 32);
      Shape a = in.shape(0);
      Shape b = in.shape(1);
      int rankA = a.dimension();
      int rankB = b.dimension();
      requireInner(in, a.get(rankA - 1), b.get(Math.max(0, rankB - 2)));
      long[] batch =
          Shapes.broadcast(
                  in,
                  new Shape(Shapes.part(a, 0, Math.max(0, rankA - 2))),
                  new Shape(Shapes.part(b, 0, Math.max(0, rankB - 2))))
              .getShape();
      long[] matrix = {rankA > 1 ? a.get(rankA - 2) : 1, rankB > 1 ? b.get(rankB - 1) : 1};
      in.requireSums(in.requireRoom(Shapes.join(batch, matrix)), a.get(rankA - 1));
      return List.of(OnnxValue.of(product(in, rankA == 1, rankB == 1)));
    };
  }

  /** A vector is a row before a matrix and a column behind one. */
  private static NDArray product(Operands in, boolean row, boolean column) {
    NDArray a = row ? in.temporary(in.array(0).expandDims(0)) : in.array(0);
    NDArray b = column ? in.temporary(in.array(1).expandDims(1)) : in.array(1);
    NDArray result = a.matMul(b);
    int last = result.getShape().dimension() - 1;
    if (column) {
      result = in.temporary(result).squeeze(last--);
    }
    return row ? in.temporary(result).squeeze(last - (column ? 0 : 1)) : result;
  }

  private static void requireInner(Operands in, long left, long right) {
    if (left != right) {
      throw in.problem(
          "matrices do not fit together",
          "equal inner sizes",
          in.shape(0) + " times " + in.shape(1),
          "check the shape of the network's input");
    }
  }
}
