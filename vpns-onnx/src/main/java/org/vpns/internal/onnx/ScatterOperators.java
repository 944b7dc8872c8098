package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Operators that put values to given places, or take those of places of several axes. */
final class ScatterOperators {
  private ScatterOperators() {}

  static void addTo(OperatorTable table) {
    table.add("OneHot", ScatterOperators::oneHot);
    table.both(11, "GatherND", ScatterOperators::gather);
    table.since(11, "ScatterND", ScatterOperators::scatter);
  }

  /** One value where the new axis counts as the input says, another elsewhere. */
  private static Step oneHot(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    long axis = node.integer("axis", -1);
    return in -> {
      int rank = in.rank(0) + 1;
      int at = in.axis(axis, rank);
      long depth = in.single(1).longAt(0);
      HostTensor values = in.host(2);
      if (depth < 1 || depth > Integer.MAX_VALUE || values.size() != 2) {
        throw in.problem(
            "one-hot of no length or without two values",
            "a depth from 1 and two values",
            depth + " and " + values,
            "export the model again");
      }
      in.requireRoom(in.shape(0).add(depth), 3);
      NDArray index = in.temporary(in.array(0).expandDims(at));
      // places that count from the end are met by a second comparison
      NDArray hit =
          in.temporary(
              in.temporary(index.eq(in.constant(counted(in, 0, 0, depth, at, rank))))
                  .logicalOr(
                      in.temporary(
                          index.eq(in.constant(counted(in, 0, -depth, depth, at, rank))))));
      if (values.doubleAt(0) == 0 && values.doubleAt(1) == 1) {
        return List.of(OnnxValue.of(hit.toType(values.type().engineType(), true)));
      }
      // chosen, not computed: one of them may be infinite
      NDArray off = each(in, values, 0, rank);
      NDArray on = each(in, values, 1, rank);
      return List.of(OnnxValue.of(ArithmeticOperators.chosen(on, hit, off)));
    };
  }

  /** One of some values, which stands for an array of so many axes. */
  static NDArray each(Operands in, HostTensor values, int at, int rank) {
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    return in.constant(values.picked(new int[] {at}, new Shape(shape)));
  }

  /** Numbers from one on along an axis, of the type of an input. */
  static HostTensor counted(Operands in, int input, long from, long depth, int axis, int rank) {
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    shape[axis] = depth;
    ElementType type = ElementType.of(in.engineType(input));
    return HostTensor.made(type, new Shape(shape), i -> from + i, i -> from + i);
  }

  private static Step gather(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    int batches = node.integer("batch_dims", 0, 0, Integer.MAX_VALUE);
    return in -> {
      Shape places = in.shape(1);
      int last = places.dimension() - 1;
      // numbers of one axis alone are those of Gather
      boolean rows = batches == 0 && last >= 0 && places.get(last) == 1;
      return List.of(
          rows && !in.onHost(1)
              ? ImageLookups.rows(in, 0, in.temporary(in.array(1).squeeze(last)))
              : gathered(in, in.host(1), batches));
    };
  }

  /**
   * @param batches how many axes in front the data and the indices share
   */
  private static OnnxValue gathered(Operands in, HostTensor indices, int batches) {
    Shape data = in.shape(0);
    int rank = indices.shape().dimension();
    int depth = depth(in, indices, batches);
    int until = batches + depth;
    long[] rest = Shapes.part(data, until, data.dimension());
    Shape result = in.requireRoom(Shapes.join(Shapes.part(indices.shape(), 0, rank - 1), rest));
    long shared = Shapes.product(data, 0, batches);
    long rows = Shapes.product(data, batches, until);
    int count = indices.size() / depth;
    long[] places = new long[count];
    for (int i = 0; i < count; i++) {
      places[i] = i / (count / shared) * rows + rowOf(in, indices, i, depth, data, batches);
    }
    if (in.onHost(0)) {
      return OnnxValue.of(
          in.host(0).picked(spread(places, Shapes.product(data, until, data.dimension())), result));
    }
    long images = eachAlike(places, data.get(0), shared * rows) ? data.get(0) : 1;
    NDArray parts =
        in.temporary(
            in.array(0).reshape(Shapes.join(new long[] {images, shared * rows / images}, rest)));
    long[] each = Arrays.copyOf(places, (int) (count / images));
    return OnnxValue.of(in.temporary(LookupOperators.taken(in, parts, 1, each)).reshape(result));
  }

  /**
   * How many axes of the data each place counts along, behind those that both share.
   *
   * @param batches how many they share
   */
  private static int depth(Operands in, HostTensor indices, int batches) {
    Shape data = in.shape(0);
    int rank = indices.shape().dimension();
    int depth = rank == 0 ? 0 : (int) indices.shape().get(rank - 1);
    boolean fits =
        !indices.isFloat()
            && depth > 0
            && batches < rank
            && batches + depth <= data.dimension()
            && IntStream.range(0, batches).allMatch(i -> indices.shape().get(i) == data.get(i));
    if (!fits) {
      throw in.problem(
          "indices do not fit the data",
          "integers for 1 to " + data.dimension() + " axes",
          indices,
          "export the model again");
    }
    return depth;
  }

  /**
   * Whether each image gives its values from the same places, so that any number of images goes.
   */
  private static boolean eachAlike(long[] places, long images, long rows) {
    if (images == 0 || rows % images != 0 || places.length % images != 0) {
      return false;
    }
    int each = (int) (places.length / images);
    return IntStream.range(0, places.length)
        .allMatch(i -> places[i] == i / each * (rows / images) + places[i % each]);
  }

  private static int[] spread(long[] rows, long width) {
    return Arrays.stream(rows)
        .flatMap(row -> LongStream.range(row * width, (row + 1) * width))
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  /** Rows of the updates behind those of the data, and of both the ones that stand at the end. */
  private static Step scatter(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    requireReplacing(node);
    return in -> List.of(OnnxValue.of(scattered(in, in.host(1))));
  }

  /** Refuses a node that adds its values to those at their places, or the like. */
  static void requireReplacing(OnnxNode node) throws FormatException {
    String reduction = node.text("reduction", "none");
    if (!reduction.equals("none")) {
      throw node.bad(
          "values that are combined with those at their places",
          "reduction 'none'",
          "'" + reduction + "'",
          "export the part of the network before this node");
    }
  }

  private static NDArray scattered(Operands in, HostTensor indices) {
    Shape data = in.shape(0);
    int rank = indices.shape().dimension();
    int depth = depth(in, indices, 0);
    int count = indices.size() / depth;
    long[] rest = Shapes.part(data, depth, data.dimension());
    Shape updates = Shapes.join(Shapes.part(indices.shape(), 0, rank - 1), rest);
    if (!in.shape(2).equals(updates)) {
      throw in.problem(
          "updates do not fit the indices", updates, in.shape(2), "export the model again");
    }
    in.requireSameType(in.value(0), in.value(2));
    // what is put for each image alike moves within each, so that any number of images goes
    long images = data.get(0);
    boolean byImage = depth > 1 && images > 0 && count % images == 0 && alike(indices, depth, data);
    long fixed = byImage ? images : 1;
    long rows = Shapes.product(data, byImage ? 1 : 0, depth);
    int each = (int) (count / fixed);
    in.requireRoom(Shapes.join(new long[] {rows + each, fixed}, rest));
    long[] places = IntStream.range(0, (int) rows).mapToLong(i -> i).toArray();
    for (int i = 0; i < each; i++) {
      places[(int) row(in, indices, i, depth, data, byImage ? 1 : 0)] = rows + i;
    }
    NDArray old = in.temporary(in.array(0).reshape(Shapes.join(new long[] {fixed, rows}, rest)));
    NDArray put = in.temporary(in.array(2).reshape(Shapes.join(new long[] {fixed, each}, rest)));
    NDArray both = in.temporary(NDArrays.concat(new NDList(old, put), 1));
    NDArray taken = in.temporary(LookupOperators.taken(in, both, 1, places));
    return taken.reshape(data);
  }

  /** Whether the indices go through all images in order, with the same places in each. */
  private static boolean alike(HostTensor indices, int depth, Shape data) {
    int each = (int) (indices.size() / depth / data.get(0));
    for (int i = 0; i < indices.size(); i++) {
      int entry = i / depth;
      long expected =
          i % depth == 0 ? entry / each : indices.longAt(entry % each * depth + i % depth);
      if (indices.longAt(i) != expected) {
        return false;
      }
    }
    return true;
  }

  private static long row(
      Operands in, HostTensor indices, int entry, int depth, Shape data, int from) {
    long row = 0;
    for (int axis = from; axis < depth; axis++) {
      row = row * data.get(axis) + index(in, indices.longAt(entry * depth + axis), data.get(axis));
    }
    return row;
  }

  /** The row that all numbers of an entry lead to, counted from an axis on. */
  private static long rowOf(
      Operands in, HostTensor indices, int entry, int depth, Shape data, int from) {
    long row = 0;
    for (int i = 0; i < depth; i++) {
      long size = data.get(from + i);
      row = row * size + index(in, indices.longAt(entry * depth + i), size);
    }
    return row;
  }

  private static long index(Operands in, long given, long size) {
    if (given < -size || given >= size) {
      throw in.problem(
          "index out of range",
          "integers from " + -size + " to " + (size - 1),
          given,
          "check the shape of the network's input");
    }
    return given < 0 ? given + size : given;
  }
}
