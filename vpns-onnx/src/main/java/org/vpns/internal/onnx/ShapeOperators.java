package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Operators that move, repeat or convert elements without choosing among them. */
final class ShapeOperators {
  private static final int MAX_COPIES = 1024;

  private ShapeOperators() {}

  static void addTo(OperatorTable table) {
    table.both("Identity", ShapeOperators::identity);
    table.both("Cast", ShapeOperators::cast);
    table.both("CastLike", ShapeOperators::castLike);
    table.both("Reshape", ShapeOperators::reshape);
    table.both("Flatten", ShapeOperators::flatten);
    table.both("Transpose", ShapeOperators::transpose);
    table.both("Unsqueeze", node -> squeeze(node, false));
    table.both("Squeeze", node -> squeeze(node, true));
    table.both("Expand", ShapeOperators::expand);
    table.both("Tile", ShapeOperators::tile);
    table.add("DepthToSpace", ShapeOperators::depthToSpace);
    table.add("SpaceToDepth", ShapeOperators::spaceToDepth);
  }

  private static Step identity(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    return in -> List.of(in.value(0));
  }

  private static Step cast(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    ElementType to = ElementType.find((int) node.requiredInteger("to"));
    node.ignore("saturate");
    if (to == null) {
      throw node.outOfRange("to", "a float, integer or boolean type", node.requiredInteger("to"));
    }
    return in -> List.of(converted(in, to));
  }

  private static Step castLike(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    node.ignore("saturate");
    return in ->
        List.of(converted(in, in.onHost(1) ? in.host(1).type() : ElementType.of(in.engineType(1))));
  }

  private static OnnxValue converted(Operands in, ElementType to) {
    if (in.onHost(0)) {
      return OnnxValue.of(HostMath.cast(in.host(0), to));
    }
    if (to == ElementType.FLOAT16) {
      return OnnxValue.of(halves(in, in.array(0), to.engineType()));
    }
    return in.engineType(0) == to.engineType()
        ? in.value(0)
        : OnnxValue.of(in.array(0).toType(to.engineType(), false));
  }

  /**
   * Half precision is kept in float32, but its values are those of a half. Gradients pass the
   * rounding as if it were not there: halves of small ones would be 0.
   */
  private static NDArray halves(Operands in, NDArray x, DataType kept) {
    NDArray halves = in.temporary(x.toType(DataType.FLOAT16, false));
    if (x.getDataType() != kept) {
      return halves.toType(kept, false);
    }
    // a number less itself, but for infinite ones, whose difference from themselves is none
    NDArray finite = in.temporary(x.clip(-Float.MAX_VALUE, Float.MAX_VALUE));
    NDArray rest = in.temporary(in.temporary(halves.toType(kept, false)).sub(finite));
    return x.add(in.temporary(rest.stopGradient()));
  }

  /** The input in another shape, where it is. */
  private static OnnxValue reshaped(Operands in, Shape shape) {
    if (in.shape(0).equals(shape)) {
      return in.value(0);
    }
    return in.onHost(0)
        ? OnnxValue.of(in.host(0).reshaped(shape))
        : OnnxValue.of(in.array(0).reshape(shape));
  }

  private static Step reshape(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    boolean literalZeros = node.flag("allowzero", false);
    return in -> List.of(reshaped(in, target(in, in.longs(1), literalZeros)));
  }

  private static Shape target(Operands in, long[] wanted, boolean literalZeros) {
    Shape shape = in.shape(0);
    long[] result = wanted.clone();
    int open = -1;
    boolean bad = result.length > 32;
    for (int i = 0; i < result.length && !bad; i++) {
      if (result[i] == 0 && !literalZeros) {
        bad = i >= shape.dimension();
        result[i] = bad ? 0 : shape.get(i);
      } else if (result[i] == -1) {
        bad = open >= 0;
        open = i;
      } else {
        bad = result[i] < 0 || result[i] > Integer.MAX_VALUE;
      }
    }
    if (!bad && open >= 0) {
      result[open] = 1;
      long others = in.requireRoom(new Shape(result)).size();
      bad = others == 0 || shape.size() % others != 0;
      result[open] = bad ? -1 : shape.size() / others;
    }
    if (bad || in.requireRoom(new Shape(result)).size() != shape.size()) {
      throw in.problem(
          "reshape does not keep the number of elements",
          shape.size() + " elements of " + shape,
          Arrays.toString(wanted),
          "give the input the shape that the model was exported with");
    }
    return new Shape(result);
  }

  private static Step flatten(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    long axis = node.integer("axis", 1);
    return in -> {
      int rank = in.rank(0);
      int at = axis == rank ? rank : in.axis(axis, rank);
      Shape shape = in.shape(0);
      return List.of(
          reshaped(in, new Shape(Shapes.product(shape, 0, at), Shapes.product(shape, at, rank))));
    };
  }

  private static Step transpose(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    long[] given = node.integers("perm");
    return in -> List.of(transposed(in, given));
  }

  private static OnnxValue transposed(Operands in, long @Nullable [] given) {
    int rank = in.rank(0);
    int[] order =
        given == null
            ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
            : LongStream.of(given).mapToInt(i -> in.axis(i, rank)).toArray();
    if (Arrays.stream(order).distinct().count() != rank || order.length != rank) {
      throw in.problem(
          "permutation does not fit the input",
          "each of " + rank + " axes once",
          Arrays.toString(order),
          "check the shape of the network's input");
    }
    if (!in.onHost(0)) {
      return rank == 0 ? in.value(0) : OnnxValue.of(in.array(0).transpose(order));
    }
    long[] own = Shapes.strides(in.shape(0));
    long[] strides = Arrays.stream(order).mapToLong(axis -> own[axis]).toArray();
    Shape shape = new Shape(Arrays.stream(order).mapToLong(in.shape(0)::get).toArray());
    return OnnxValue.of(in.host(0).picked(Shapes.places(shape, 0, strides), shape));
  }

  /** Axes are an attribute before operator set 13, an input from then on. */
  private static Step squeeze(OnnxNode node, boolean remove) throws FormatException {
    long[] attribute = node.opset() < 13 ? node.integers("axes") : null;
    boolean needed = !remove;
    node.requireInputs(needed && attribute == null ? 2 : 1, node.opset() < 13 ? 1 : 2);
    return in -> {
      long[] axes = attribute != null ? attribute : in.has(1) ? in.longs(1) : null;
      return List.of(
          remove ? squeezed(in, axes) : unsqueezed(in, axes == null ? new long[0] : axes));
    };
  }

  private static OnnxValue squeezed(Operands in, long @Nullable [] given) {
    Shape shape = in.shape(0);
    int rank = shape.dimension();
    int[] axes =
        given == null
            ? IntStream.range(0, rank).filter(i -> shape.get(i) == 1).toArray()
            : in.axes(given, rank);
    for (int axis : axes) {
      if (shape.get(axis) != 1) {
        throw in.problem(
            "axis to squeeze is not of size 1",
            "size 1 along axis " + axis,
            shape,
            "give the input the shape that the model was exported with");
      }
    }
    if (axes.length == 0 || in.onHost(0)) {
      long[] rest =
          IntStream.range(0, rank)
              .filter(i -> Arrays.binarySearch(axes, i) < 0)
              .mapToLong(shape::get)
              .toArray();
      return reshaped(in, new Shape(rest));
    }
    return OnnxValue.of(in.array(0).squeeze(axes));
  }

  private static OnnxValue unsqueezed(Operands in, long[] given) {
    int rank = in.rank(0) + given.length;
    int[] axes = in.axes(given, rank);
    if (in.onHost(0)) {
      List<Long> sizes = new ArrayList<>(Arrays.stream(in.shape(0).getShape()).boxed().toList());
      for (int axis : axes) {
        sizes.add(axis, 1L);
      }
      return reshaped(in, Shapes.of(sizes));
    }
    if (axes.length == 0) {
      return in.value(0);
    }
    NDArray result = in.array(0);
    for (int i = 0; i < axes.length; i++) {
      result = i == 0 ? result.expandDims(axes[i]) : in.temporary(result).expandDims(axes[i]);
    }
    return OnnxValue.of(result);
  }

  private static Step expand(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    return in -> {
      long[] wanted = in.longs(1);
      for (long size : wanted) {
        if (size < 0 || size > Integer.MAX_VALUE) {
          throw in.problem(
              "shape out of range", "sizes from 0", Arrays.toString(wanted), "correct the model");
        }
      }
      Shape shape = Shapes.broadcast(in, in.shape(0), new Shape(wanted));
      if (shape.equals(in.shape(0))) {
        return List.of(in.value(0));
      }
      return List.of(
          in.onHost(0)
              ? OnnxValue.of(in.host(0).picked(Shapes.broadcastPlaces(in.shape(0), shape), shape))
              : OnnxValue.of(in.array(0).broadcast(shape)));
    };
  }

  private static Step tile(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    return in -> {
      long[] repeats = in.longs(1);
      Shape shape = in.shape(0);
      boolean fits = repeats.length == shape.dimension();
      long[] sizes = new long[repeats.length];
      for (int i = 0; i < repeats.length && fits; i++) {
        fits = repeats[i] >= 0;
        sizes[i] = fits ? Math.multiplyExact(shape.get(i), repeats[i]) : 0;
      }
      if (!fits) {
        throw in.problem(
            "repeats do not fit the input",
            shape.dimension() + " counts from 0",
            Arrays.toString(repeats),
            "correct the model");
      }
      Shape result = in.requireRoom(new Shape(sizes));
      if (!in.onHost(0)) {
        return List.of(tiled(in, repeats));
      }
      return List.of(OnnxValue.of(in.host(0).picked(tiledPlaces(shape, result), result)));
    };
  }

  /**
   * Axes of length 1 are stretched, as often as the batch may say; of others copies stand side by
   * side, axis by axis: joining is an operator that everybody knows.
   */
  private static OnnxValue tiled(Operands in, long[] given) {
    long[] repeats = given.clone();
    NDArray result = in.array(0);
    boolean same = true;
    long[] stretched = result.getShape().getShape().clone();
    for (int axis = 0; axis < repeats.length; axis++) {
      if (stretched[axis] == 1 && repeats[axis] > 1) {
        stretched[axis] = repeats[axis];
        repeats[axis] = 1;
        same = false;
      }
    }
    if (!same) {
      result = in.temporary(result.broadcast(new Shape(stretched)));
    }
    if (Arrays.stream(repeats).anyMatch(times -> times == 0 || times > MAX_COPIES)) {
      return OnnxValue.of(result.tile(repeats));
    }
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] > 1) {
        NDList copies = new NDList();
        for (long i = 0; i < repeats[axis]; i++) {
          copies.add(result);
        }
        result = in.temporary(NDArrays.concat(copies, axis));
        same = false;
      }
    }
    return same ? in.value(0) : OnnxValue.of(result);
  }

  private static int[] tiledPlaces(Shape shape, Shape result) {
    long[] own = Shapes.strides(shape);
    long[] strides = Shapes.strides(result);
    int[] places = new int[(int) result.size()];
    for (int i = 0; i < places.length; i++) {
      long at = 0;
      for (int axis = 0; axis < own.length; axis++) {
        at += i / strides[axis] % result.get(axis) % shape.get(axis) * own[axis];
      }
      places[i] = (int) at;
    }
    return places;
  }

  private static int blockSize(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    node.requiredInteger("blocksize");
    return node.integer("blocksize", 1, 1, 1 << 15);
  }

  private static Step depthToSpace(OnnxNode node) throws IOException {
    int block = blockSize(node);
    boolean depthFirst = depthFirst(node);
    return in -> {
      in.requireRank(0, 4, 4);
      Shape s = in.shape(0);
      long channels = s.get(1) / ((long) block * block);
      requireDivides(in, s.get(1), (long) block * block);
      NDArray x =
          in.temporary(
              in.array(0)
                  .reshape(
                      depthFirst
                          ? new Shape(s.get(0), block, block, channels, s.get(2), s.get(3))
                          : new Shape(s.get(0), channels, block, block, s.get(2), s.get(3))));
      NDArray moved =
          in.temporary(depthFirst ? x.transpose(0, 3, 4, 1, 5, 2) : x.transpose(0, 1, 4, 2, 5, 3));
      return List.of(
          OnnxValue.of(moved.reshape(s.get(0), channels, s.get(2) * block, s.get(3) * block)));
    };
  }

  /** Whether a pixel's place in its block counts before its channel: of SpaceToDepth from 28 on. */
  private static boolean depthFirst(OnnxNode node) throws FormatException {
    String mode = node.text("mode", "DCR");
    if (!mode.equals("DCR") && !mode.equals("CRD")) {
      throw node.outOfRange("mode", "DCR or CRD", "'" + mode + "'");
    }
    return mode.equals("DCR");
  }

  private static Step spaceToDepth(OnnxNode node) throws IOException {
    int block = blockSize(node);
    boolean depthFirst = depthFirst(node);
    return in -> {
      in.requireRank(0, 4, 4);
      Shape s = in.shape(0);
      requireDivides(in, s.get(2), block);
      requireDivides(in, s.get(3), block);
      long height = s.get(2) / block;
      long width = s.get(3) / block;
      NDArray x =
          in.temporary(
              in.array(0).reshape(new Shape(s.get(0), s.get(1), height, block, width, block)));
      NDArray moved =
          in.temporary(depthFirst ? x.transpose(0, 3, 5, 1, 2, 4) : x.transpose(0, 1, 3, 5, 2, 4));
      return List.of(
          OnnxValue.of(moved.reshape(s.get(0), s.get(1) * block * block, height, width)));
    };
  }

  private static void requireDivides(Operands in, long size, long block) {
    if (size % block != 0) {
      throw in.problem(
          "block does not divide the input",
          "a multiple of " + block,
          size,
          "check the shape of the network's input");
    }
  }
}
