package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import org.vpns.internal.io.MemoryBound;

/**
 * What the passes of a file may take, which keeps a small file from taking all memory or time. They
 * may have 1024 times as many elements alive at a time as the input has, and at least 2^26, as far
 * as the machine's memory goes; in all they may make 2^24, 2^4 times as many as the input has, 16
 * for each parameter, and 2^14 times the smaller of input and parameters; and they may go through
 * four times as many, sums counted by their terms. Arrays are bounded as nodes are.
 *
 * @param stored how many numbers the file stores
 * @param alive how many elements may be alive at a time, given how many the input has
 */
record FileLimits(long stored, LongUnaryOperator alive) {
  private static final long LEAST_LIMIT = 1L << 26;
  private static final int GROWTH = 1024;

  /*
   * Elements that a pass makes in all: networks for images of 224 or 640 pixels make 200 to 800
   * times as many as the image has, those for 32 pixels up to some 20,000 times, with millions of
   * stored numbers then. Without those a file is small whatever its images, and so is what it may
   * ask for.
   */
  private static final long LEAST_MADE = 1L << 24;
  private static final int MADE_PER_PLAIN_INPUT = 1 << 4;
  private static final int MADE_PER_INPUT = 1 << 14;
  private static final int MADE_PER_STORED = 16;

  /** More of them, of a file for a large batch, still need no more stored numbers. */
  private static final long MOST_IMAGES = 8;

  /** Nodes read two or three values for each that they make. */
  private static final int SEEN_PER_MADE = 4;

  /*
   * Multiply-adds of a pass: those of a plain network are few. Convolutions take a parameter to
   * each place of their images at most; where results are larger than images, the last ones go to
   * more places, or those of a network that makes images of some numbers to about a thousand.
   */
  private static final long LEAST_SUMS = 1L << 29;
  private static final long SUMS_PER_PLACE = 4;
  private static final int SUMS_PER_STORED = 1 << 10;

  /** As large as networks need. */
  static FileLimits usual(OnnxFile file) {
    return new FileLimits(file.storedNumbers(), FileLimits::usualAlive);
  }

  private static long usualAlive(long input) {
    return Math.min(MemoryBound.engine(), Math.max(LEAST_LIMIT, MemoryBound.times(input, GROWTH)));
  }

  /** With other bounds for what is alive at a time. */
  FileLimits alive(LongUnaryOperator other) {
    return new FileLimits(stored, other);
  }

  /** Those of a pass. */
  PassBudget.Limit of(NDList inputs) {
    long input = 0;
    long places = 0;
    for (NDArray each : inputs) {
      input += each.size();
      places += places(each.getShape());
    }
    Shape head = inputs.head().getShape();
    long images = Math.min(head.dimension() == 0 ? 1 : head.get(0), MOST_IMAGES);
    // inputs and parameters fit into memory, so only products of both may overflow
    long made =
        LEAST_MADE
            + MADE_PER_PLAIN_INPUT * input
            + MADE_PER_STORED * stored
            + MADE_PER_INPUT * Math.min(input, images * stored);
    long each = SUMS_PER_STORED + MemoryBound.times(SUMS_PER_PLACE, places);
    long sums = Math.max(LEAST_SUMS, MemoryBound.times(each, stored));
    return new PassBudget.Limit(
        alive.applyAsLong(input), made, SEEN_PER_MADE * made, sums, NodeLimit.arrays(stored));
  }

  /** Places of maps of images, whichever axis holds the channels; else elements. */
  private static long places(Shape shape) {
    long elements = shape.size();
    long channels =
        shape.dimension() < 4 ? 1 : Arrays.stream(shape.slice(1).getShape()).min().orElse(1);
    return elements / Math.max(1, channels);
  }
}
