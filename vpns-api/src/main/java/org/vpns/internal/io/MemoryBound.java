package org.vpns.internal.io;

import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.vpns.Problem;

/**
 * How many elements the arrays may have that a file asks for while it is read. A few bytes can ask
 * for any number, so whoever makes arrays for a file asks here first.
 */
public final class MemoryBound {
  /** What to do about a bound of the heap. */
  public static final String REMEDY = "give Java more memory with -Xmx";

  /** Operators of one network: some ten times what the largest ones for images have. */
  public static final int NODES = 50_000;

  /** Characters of one name in a file: of a tensor, a node, a class. */
  public static final int NAME = 1 << 16;

  /** Elements of the longest array that Java makes, however large the heap. */
  public static final int ARRAY = Integer.MAX_VALUE - 8;

  private MemoryBound() {}

  /**
   * Elements in Java's memory at a time: two arrays of doubles of so many take half of the heap,
   * and as many in buffers outside of it a quarter of what Java allows those.
   */
  public static long heap() {
    return Math.min(ARRAY, Runtime.getRuntime().maxMemory() / 32);
  }

  /**
   * What to do about an array that the heap is too small for.
   *
   * @param elements how many it has
   * @param smaller what makes them fewer, which alone helps where no array has so many
   */
  public static String remedy(long elements, String smaller) {
    return elements > ARRAY ? smaller : REMEDY;
  }

  /**
   * Elements in the engine's memory at a time, which lies outside of the heap: as floats a quarter
   * of the machine's memory, or of what a container leaves of it.
   */
  public static long engine() {
    return machineBytes() / 16;
  }

  private static long machineBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
        ? machine.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /** How many elements a shape has, or {@link Long#MAX_VALUE} if they are more than that. */
  public static long elements(Shape shape) {
    long elements = 1;
    for (long size : shape.getShape()) {
      elements = times(elements, size);
    }
    return elements;
  }

  /** A product of numbers from 0, or {@link Long#MAX_VALUE} if it is more than that. */
  public static long times(long a, long b) {
    return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
  }

  /**
   * Fails if images are more than the heap holds.
   *
   * @param where what takes them, for the message
   * @param inputs shapes of one image's arrays
   * @param images how many images are made at a time
   */
  public static void requireImages(String where, List<Shape> inputs, long images) {
    for (Shape input : inputs) {
      long each = elements(input);
      if (times(each, images) > heap()) {
        throw Problem.argument(
            "images too large",
            where,
            "at most "
                + heap() / Math.max(1, images)
                + " elements of an image in a heap of "
                + (Runtime.getRuntime().maxMemory() >> 20)
                + " MB, as "
                + images
                + " are made to try the network",
            each == Long.MAX_VALUE ? input : each + " of " + input,
            times(each, images) > ARRAY
                ? "use smaller images"
                : REMEDY + " if it is meant to be so large");
      }
    }
  }
}
