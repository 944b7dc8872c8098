package org.vpns.internal.runtime.plan;

import java.util.Arrays;
import java.util.List;

/**
 * A network for one image.
 *
 * @param shapes shape of each value, without the batch
 * @param layers in execution order
 * @param input the value that comes from outside
 * @param output the value that is the result
 */
record LayerList(List<int[]> shapes, List<Layer> layers, int input, int output) {
  static int size(int[] shape) {
    int size = 1;
    for (int d : shape) {
      size = Math.multiplyExact(size, d);
    }
    return size;
  }

  /** Numbers of some of a shape's axes. */
  static int product(int[] shape, int begin, int end) {
    return size(Arrays.copyOfRange(shape, begin, end));
  }

  int size(int value) {
    return size(shapes.get(value));
  }

  /** Whether a value is maps of more than one pixel. */
  boolean isMaps(int value) {
    int[] shape = shapes.get(value);
    return shape.length == 3 && shape[1] * shape[2] > 1;
  }
}
