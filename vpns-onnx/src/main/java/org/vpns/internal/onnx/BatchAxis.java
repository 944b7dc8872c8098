package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Where the images lie in a value: along {@code axis}, whose length is {@code outer} times the
 * number of images times what remains. An axis of its own has nothing beside the images; others
 * come of reshapes that merge axes, as attention merges images and heads.
 *
 * @param outer how many positions of the axis lie before the images, row-major
 */
record BatchAxis(int axis, long outer) {
  /** The images along the first axis. */
  static final BatchAxis FIRST = new BatchAxis(0, 1);

  /** The same images when axes before this one have come or gone. */
  BatchAxis movedTo(int other) {
    return new BatchAxis(other, outer);
  }

  /** The shape that a value has when another number of images lies in it. */
  Shape resized(Shape shape, long from, long to) {
    long[] sizes = shape.getShape().clone();
    sizes[axis] = sizes[axis] / from * to;
    return new Shape(sizes);
  }

  /**
   * Where the images lie after a reshape, or null if it tears them apart. Where several axes may
   * hold them, as when a batch of 1 stands beside other axes of length 1, an axis of their own
   * comes first, at the same position if possible; then the last but one axis and those before it,
   * since the last one is what layers read as features.
   *
   * @param shape before the reshape, with {@code images} images
   * @param target after it
   */
  static @Nullable BatchAxis afterReshape(
      BatchAxis before, Shape shape, Shape target, long images) {
    long leading = Shapes.product(shape, 0, before.axis) * before.outer;
    BatchAxis best = null;
    int bestRank = Integer.MAX_VALUE;
    long passed = 1;
    int rank = target.dimension();
    for (int axis = 0; axis < rank && passed > 0 && passed <= leading; axis++) {
      long size = target.get(axis);
      if (leading % passed == 0 && size > 0 && passed * size % (leading * images) == 0) {
        boolean own = size == images && passed == leading;
        int order = own ? (axis == before.axis ? 0 : 1) : axis == rank - 1 ? 3 : 2;
        // of several merged axes the later one: nearest to where the images were
        if (order < bestRank || order == bestRank && order == 2) {
          best = new BatchAxis(axis, leading / passed);
          bestRank = order;
        }
      }
      passed *= size;
    }
    return best;
  }
}
