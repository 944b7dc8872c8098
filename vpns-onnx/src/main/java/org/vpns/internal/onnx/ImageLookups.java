package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Look-ups at places that the images say, as of the nearest row of a code book. What is looked up
 * learns, the places do not.
 */
final class ImageLookups {
  private ImageLookups() {}

  /** {@code Gather}: the parts of the data at each place along an axis. */
  static OnnxValue rows(Operands in, int axis) {
    return rows(in, axis, in.array(1));
  }

  /** The same at places that are another form of those of the second input. */
  static OnnxValue rows(Operands in, int axis, NDArray given) {
    NDArray places = places(in, given);
    Shape data = in.shape(0);
    Shape result =
        in.requireRoom(
            Shapes.join(
                Shapes.part(data, 0, axis),
                places.getShape().getShape(),
                Shapes.part(data, axis + 1, data.dimension())));
    boolean single = places.getShape().isScalar();
    NDArray list = single ? in.temporary(places.reshape(1)) : places;
    // the engine counts negative places from the end, as the standard does
    NDIndex index = new NDIndex().addAllDim(axis + 1);
    index.getIndices().set(axis, new NDIndexTake(list));
    NDArray taken = in.array(0).get(index);
    return OnnxValue.of(single ? in.temporary(taken).reshape(result) : taken);
  }

  /** {@code GatherElements}: for each place along an axis the element there. */
  static OnnxValue elements(Operands in, int axis) {
    NDArray places = places(in, in.array(1));
    ElementOperators.requireFit(in, axis);
    in.requireRoom(places.getShape(), 3);
    NDArray fromEnd = in.temporary(places.add(in.shape(0).get(axis)));
    NDArray behind = in.temporary(places.lt(0));
    NDArray front = in.temporary(fromEnd.getNDArrayInternal().where(behind, places));
    return OnnxValue.of(in.array(0).gather(front, axis));
  }

  private static NDArray places(Operands in, NDArray places) {
    DataType type = in.engineType(1);
    if (type.isFloating() || type == DataType.BOOLEAN) {
      throw in.problem("places are no integers", "integers", type, "export the model again");
    }
    return type == DataType.INT64 ? places : in.temporary(places.toType(DataType.INT64, false));
  }
}
