package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.pooling.Pool;

/**
 * Average pooling to maps of a given size, whatever the size before. Of n rows, row i of m is the
 * mean of rows floor(i n / m) to ceil((i + 1) n / m) - 1: windows overlap where n is no multiple of
 * m, and repeat rows where n is smaller. Columns likewise.
 */
final class AdaptiveAvgPool {
  private AdaptiveAvgPool() {}

  static Block block(int side) {
    return LambdaBlock.singleton(x -> pooled(x, side), "adaptiveAvgPool");
  }

  /** (batch, channels, height, width) to (batch, channels, side, side). */
  static NDArray pooled(NDArray x, int side) {
    long height = x.getShape().get(2);
    long width = x.getShape().get(3);
    if (height == side && width == side) {
      return x;
    }
    if (height % side == 0 && width % side == 0) {
      Shape window = new Shape(height / side, width / side);
      return Pool.avgPool2d(x, window, window, new Shape(0, 0), false, true);
    }
    return alongAxis(alongAxis(x, 2, side), 3, side);
  }

  private static NDArray alongAxis(NDArray x, int axis, int side) {
    long size = x.getShape().get(axis);
    if (size == side) {
      return x;
    }
    NDList means = new NDList(side);
    for (int i = 0; i < side; i++) {
      long begin = i * size / side;
      long end = ((i + 1) * size + side - 1) / side;
      means.add(mean(x, axis, begin, end));
    }
    return NDArrays.concat(means, axis);
  }

  /** The mean of some rows or columns, which stay an axis of size 1. */
  private static NDArray mean(NDArray x, int axis, long begin, long end) {
    boolean whole = end - begin == x.getShape().get(axis);
    NDArray window = whole ? x : x.get(new NDIndex().addAllDim(axis).addSliceDim(begin, end));
    return end - begin == 1 ? window : window.mean(new int[] {axis}, true);
  }
}
