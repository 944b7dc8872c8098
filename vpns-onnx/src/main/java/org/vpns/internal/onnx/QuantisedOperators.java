package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Values on a grid of integers, {@code (integer - zero point) * scale}, computed as floats: what a
 * file calls integers is floats without a fraction here. Gradients pass a rounding as if it were
 * not there, and end where values leave the grid.
 */
final class QuantisedOperators {
  /** Names of the operators. */
  static final Set<String> NAMES = Set.of("QuantizeLinear", "DequantizeLinear");

  private QuantisedOperators() {}

  static void addTo(OperatorTable table) {
    table.both("QuantizeLinear", QuantisedOperators::quantise);
    table.both("DequantizeLinear", QuantisedOperators::dequantise);
  }

  /**
   * Scales and zero points, one each or one for each position of an axis.
   *
   * @param shape theirs, as it meets the values
   */
  private record Grid(double[] scales, long[] zeros, Shape shape) {
    static Grid of(Operands in, long axis) {
      HostTensor scale = in.host(1);
      HostTensor zero = in.has(2) ? in.host(2) : null;
      int rank = in.rank(0);
      long[] shape = new long[rank];
      Arrays.fill(shape, 1);
      boolean fits = scale.size() == 1;
      if (!fits && scale.shape().dimension() == 1 && rank > 0) {
        int at = in.axis(axis, rank);
        shape[at] = scale.size();
        fits = in.shape(0).get(at) == scale.size();
      }
      double[] scales = scale.toDoubles();
      fits &= Arrays.stream(scales).allMatch(s -> s != 0 && Double.isFinite(s));
      if (!fits || !scale.isFloat() || zero != null && zero.size() != scale.size()) {
        throw in.problem(
            "scales do not fit the values",
            "one, or one for each position of axis " + axis + " of " + in.shape(0) + ", none 0",
            scale + (zero == null ? "" : " and zero points " + zero),
            "export the model again");
      }
      long[] zeros = zero == null ? new long[scales.length] : zero.toLongs();
      return new Grid(scales, zeros, new Shape(shape));
    }

    boolean single() {
      return scales.length == 1;
    }

    boolean centred() {
      return Arrays.stream(zeros).allMatch(z -> z == 0);
    }

    /** For each element of values, which of the scales is its own. */
    int[] places(Shape values) {
      return Shapes.broadcastPlaces(shape, values);
    }

    NDArray scales(Operands in, DataType type) {
      return in.constant(HostTensor.of(ElementType.of(type), shape, scales));
    }

    /** Zero points, turned about and moved: {@code by - zero}, or {@code by + zero}. */
    NDArray zeros(Operands in, DataType type, long by, int sign) {
      double[] moved = Arrays.stream(zeros).mapToDouble(z -> by + sign * z).toArray();
      return in.constant(HostTensor.of(ElementType.of(type), shape, moved));
    }
  }

  private static Step quantise(OnnxNode node) throws FormatException {
    node.requireInputs(2, 3);
    long axis = axis(node);
    node.ignore("saturate");
    int number = node.integer("output_dtype", 0, 0, Integer.MAX_VALUE);
    ElementType declared = number == 0 ? ElementType.UINT8 : ElementType.find(number);
    return in -> {
      ElementType type = in.has(2) ? in.host(2).type() : declared;
      if (type == null || type.isFloat() || type.width() > 2) {
        throw in.problem(
            "grid of a type not supported",
            "integers of 8 or 16 bits",
            type == null ? "type " + number : type,
            "quantise the model to 8 bits");
      }
      Grid grid = Grid.of(in, axis);
      boolean signed = type == ElementType.INT8 || type == ElementType.INT16;
      long count = 1L << (8 * type.width());
      long least = signed ? -count / 2 : 0;
      long most = least + count - 1;
      return List.of(
          in.onHost(0)
              ? OnnxValue.of(onGrid(in.host(0), grid, least, most))
              : OnnxValue.of(onGrid(in, grid, least, most)));
    };
  }

  private static long axis(OnnxNode node) throws FormatException {
    // grids of blocks of an axis
    node.integer("block_size", 0, 0, 0);
    return node.integer("axis", 1);
  }

  private static HostTensor onGrid(HostTensor x, Grid grid, long least, long most) {
    int[] places = grid.places(x.shape());
    return HostTensor.made(
        ElementType.FLOAT,
        x.shape(),
        i -> 0,
        i -> {
          float scaled = (float) x.doubleAt(i) / (float) grid.scales[places[i]];
          double moved = Math.rint(scaled) + grid.zeros[places[i]];
          return Math.max(least, Math.min(most, moved));
        });
  }

  private static NDArray onGrid(Operands in, Grid grid, long least, long most) {
    in.requireRoom(in.shape(0), 5);
    NDArray x = floats(in);
    DataType type = x.getDataType();
    NDArray scaled =
        in.temporary(grid.single() ? x.div((float) grid.scales[0]) : x.div(grid.scales(in, type)));
    NDArray inside;
    if (grid.single()) {
      inside = scaled.clip((float) (least - grid.zeros[0]), (float) (most - grid.zeros[0]));
    } else {
      NDArray above = in.temporary(scaled.maximum(grid.zeros(in, type, least, -1)));
      inside = above.minimum(grid.zeros(in, type, most, -1));
    }
    in.temporary(inside);
    // the difference and the sum are exact: a number within half a unit of an integer
    NDArray rest = in.temporary(in.temporary(inside.round()).sub(inside));
    NDArray rounded = inside.add(in.temporary(rest.stopGradient()));
    return moved(in, rounded, grid, 1);
  }

  private static Step dequantise(OnnxNode node) throws FormatException {
    node.requireInputs(2, 3);
    long axis = axis(node);
    node.integer("output_dtype", 0, 0, 1);
    return in -> {
      Grid grid = Grid.of(in, axis);
      if (in.onHost(0)) {
        HostTensor x = in.host(0);
        int[] places = grid.places(x.shape());
        return List.of(
            OnnxValue.of(
                HostTensor.made(
                    ElementType.FLOAT,
                    x.shape(),
                    i -> 0,
                    i ->
                        (float) (x.doubleAt(i) - grid.zeros[places[i]])
                            * (float) grid.scales[places[i]])));
      }
      in.requireRoom(in.shape(0), 3);
      NDArray x = floats(in);
      NDArray centred = moved(in, x, grid, -1);
      DataType type = x.getDataType();
      return List.of(
          OnnxValue.of(
              grid.single()
                  ? centred.mul((float) grid.scales[0])
                  : centred.mul(grid.scales(in, type))));
    };
  }

  private static NDArray floats(Operands in) {
    NDArray x = in.array(0);
    return x.getDataType().isFloating() ? x : in.temporary(x.toType(DataType.FLOAT32, false));
  }

  /** Zero points added, or taken away. */
  private static NDArray moved(Operands in, NDArray x, Grid grid, int sign) {
    if (grid.centred()) {
      return x;
    }
    return grid.single()
        ? x.add((float) (sign * grid.zeros[0]))
        : x.add(grid.zeros(in, x.getDataType(), 0, sign));
  }

  /** Whether a node takes stored integers off their grid. */
  static boolean isDequantised(OnnxNode node, @Nullable StoredTensor stored) {
    return node.operator().equals("DequantizeLinear") && stored != null && !stored.type().isFloat();
  }
}
