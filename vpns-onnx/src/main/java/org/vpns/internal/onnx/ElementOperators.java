package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Operators that take or put single elements, each at a place of its own along one axis. */
final class ElementOperators {
  private static final int SINCE = 11;
  private static final int MAX_UPDATES = 64;

  private ElementOperators() {}

  static void addTo(OperatorTable table) {
    table.both(SINCE, "GatherElements", ElementOperators::gather);
    table.since(SINCE, "ScatterElements", ElementOperators::scatter);
    // its name in operator sets 9 and 10
    table.since(9, "Scatter", ElementOperators::scatter);
  }

  private static Step gather(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    long axis = node.integer("axis", 0);
    return in -> {
      int at = in.axis(axis, in.rank(0));
      return List.of(
          in.onHost(1) ? gathered(in, places(in, at, in.host(1))) : ImageLookups.elements(in, at));
    };
  }

  private static Step scatter(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    long axis = node.integer("axis", 0);
    ScatterOperators.requireReplacing(node);
    return in -> {
      int at = in.axis(axis, in.rank(0));
      return List.of(
          in.onHost(1) ? scattered(in, places(in, at, in.host(1))) : scatteredByImages(in, at));
    };
  }

  /**
   * Where the images say where: one update after another along the axis is chosen where its place
   * is met, so that any number of images goes, and gradients as well.
   */
  private static OnnxValue scatteredByImages(Operands in, int axis) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    int rank = data.dimension();
    boolean fits = !in.engineType(1).isFloating() && indices.dimension() == rank;
    for (int i = 0; fits && i < rank; i++) {
      fits = i == axis || indices.get(i) == data.get(i) || data.get(i) == 1;
    }
    if (!fits || indices.get(axis) > MAX_UPDATES) {
      throw in.problem(
          "indices of images do not fit the data",
          data + " with at most " + MAX_UPDATES + " along axis " + axis,
          indices,
          "cut out the part of the network before this node");
    }
    Shape updates = in.shape(2);
    boolean same = updates.dimension() == rank;
    for (int i = 0; same && i < rank; i++) {
      // the same updates for all images
      same = updates.get(i) == indices.get(i) || i != axis && updates.get(i) == 1;
    }
    if (!same) {
      throw in.problem(
          "updates do not fit the indices", indices, updates, "export the model again");
    }
    in.requireSameType(in.value(0), in.value(2));
    long depth = data.get(axis);
    in.requireRoom(data, 5 * indices.get(axis));
    NDArray from = in.constant(ScatterOperators.counted(in, 1, 0, depth, axis, rank));
    NDArray fromEnd = in.constant(ScatterOperators.counted(in, 1, -depth, depth, axis, rank));
    NDArray result = data(in, 0, rank);
    NDArray puts = data(in, 2, rank);
    for (long i = 0; i < indices.get(axis); i++) {
      NDIndex part = NDIndex.sliceAxis(axis, i, i + 1);
      NDArray index = in.temporary(in.array(1).get(part));
      boolean alike = puts.getShape().get(axis) == 1;
      NDArray update = alike ? puts : in.temporary(puts.get(part));
      NDArray hit =
          in.temporary(in.temporary(index.eq(from)).logicalOr(in.temporary(index.eq(fromEnd))));
      result = in.temporary(ArithmeticOperators.chosen(update, hit, result));
    }
    return OnnxValue.of(result);
  }

  /** An input; of numbers that are all the same, one, however many images the file speaks of. */
  private static NDArray data(Operands in, int input, int rank) {
    if (in.onHost(input) && in.host(input).isUniform()) {
      return ScatterOperators.each(in, in.host(input), 0, rank);
    }
    return in.array(input);
  }

  /**
   * Places in the data, counted through row-major.
   *
   * @param images how many parts the data have along the first axis, each with these places; 1 if
   *     the places are those of all data
   * @param each places in one part, in the order of the indices
   * @param rows how many elements one part has
   */
  private record Places(long images, long[] each, long rows) {}

  /** What is taken or put for each image alike is so within each, for any number of images. */
  private static Places places(Operands in, int axis, HostTensor indices) {
    Shape data = in.shape(0);
    Shape shape = indices.shape();
    requireFit(in, axis);
    long images = axis > 0 && shape.get(0) == data.get(0) && alike(indices) ? data.get(0) : 1;
    int from = images > 1 ? 1 : 0;
    long[] each = new long[(int) (indices.size() / Math.max(1, images))];
    for (int i = 0; i < each.length; i++) {
      each[i] = place(in, axis, indices, i, from);
    }
    return new Places(images, each, Shapes.product(data, from, data.dimension()));
  }

  /** Indices are integers, and reach no further than the data along all axes but their own. */
  static void requireFit(Operands in, int axis) {
    Shape data = in.shape(0);
    Shape indices = in.shape(1);
    DataType type = in.engineType(1);
    boolean fits =
        !type.isFloating()
            && type != DataType.BOOLEAN
            && indices.dimension() == data.dimension()
            && IntStream.range(0, data.dimension())
                .allMatch(i -> i == axis || indices.get(i) <= data.get(i));
    if (!fits) {
      throw in.problem(
          "indices do not fit the data",
          "integers of at most " + data + " but along axis " + axis,
          type + " " + indices,
          "export the model again");
    }
  }

  private static boolean alike(HostTensor indices) {
    int images = (int) indices.shape().get(0);
    int each = images == 0 ? 0 : indices.size() / images;
    return IntStream.range(0, indices.size())
        .allMatch(i -> indices.longAt(i) == indices.longAt(i % each));
  }

  private static long place(Operands in, int axis, HostTensor indices, int at, int from) {
    Shape data = in.shape(0);
    long place = 0;
    long stride = 1;
    long rest = at;
    for (int i = data.dimension() - 1; i >= from; i--) {
      long size = indices.shape().get(i);
      place += stride * (i == axis ? index(in, axis, indices.longAt(at)) : rest % size);
      stride *= data.get(i);
      rest /= size;
    }
    return place;
  }

  private static long index(Operands in, int axis, long given) {
    long size = in.shape(0).get(axis);
    if (given < -size || given >= size) {
      throw in.problem(
          "index out of range",
          "integers from " + -size + " to " + (size - 1),
          given,
          "check the shape of the network's input");
    }
    return given < 0 ? given + size : given;
  }

  private static OnnxValue gathered(Operands in, Places places) {
    Shape result = in.requireRoom(in.shape(1));
    if (in.onHost(0)) {
      HostTensor data = in.host(0);
      int[] all =
          IntStream.range(0, (int) result.size()).map(i -> (int) placeOf(places, i)).toArray();
      return OnnxValue.of(data.picked(all, result));
    }
    NDArray parts = in.temporary(in.array(0).reshape(places.images, places.rows));
    return OnnxValue.of(
        in.temporary(LookupOperators.taken(in, parts, 1, places.each)).reshape(result));
  }

  private static long placeOf(Places places, int i) {
    return i / places.each.length * places.rows + places.each[i % places.each.length];
  }

  /** Updates behind the data, and of both what stands at each place in the end. */
  private static OnnxValue scattered(Operands in, Places places) {
    Shape data = in.shape(0);
    Shape shape = in.shape(1);
    if (!in.shape(2).equals(shape)) {
      throw in.problem(
          "updates do not fit the indices", shape, in.shape(2), "export the model again");
    }
    in.requireSameType(in.value(0), in.value(2));
    int count = places.each.length;
    in.requireRoom(new Shape(places.images, places.rows + count));
    long[] last = new long[Math.toIntExact(places.rows)];
    Arrays.setAll(last, i -> i);
    for (int i = 0; i < count; i++) {
      last[(int) places.each[i]] = places.rows + i;
    }
    NDArray old = in.temporary(in.array(0).reshape(places.images, places.rows));
    NDArray put = in.temporary(in.array(2).reshape(places.images, count));
    NDArray both = in.temporary(NDArrays.concat(new NDList(old, put), 1));
    return OnnxValue.of(in.temporary(LookupOperators.taken(in, both, 1, last)).reshape(data));
  }
}
