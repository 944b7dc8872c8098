package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which positions of a tensor's axes stay, and in which order; null for an axis that stays whole.
 */
final class Kept {
  private final int[] @Nullable [] axes;

  private Kept(int[] @Nullable [] axes) {
    this.axes = axes;
  }

  /** All of a tensor. */
  static Kept all(int rank) {
    return new Kept(new int[rank] @Nullable []);
  }

  /** The same but for one axis. */
  Kept with(int axis, int @Nullable [] positions) {
    int[] @Nullable [] changed = axes.clone();
    changed[axis] = positions;
    return new Kept(changed);
  }

  /** What stays of an axis, or null if all. */
  int @Nullable [] axis(int axis) {
    return axes[axis];
  }

  int rank() {
    return axes.length;
  }

  boolean isAll() {
    return isWholeBut();
  }

  /** Whether all axes but these stay whole. */
  boolean isWholeBut(int... free) {
    return IntStream.range(0, axes.length)
        .allMatch(i -> axes[i] == null || Arrays.stream(free).anyMatch(f -> f == i));
  }

  /** An axis taken away. */
  Kept without(int axis) {
    return new Kept(
        IntStream.range(0, axes.length)
            .filter(i -> i != axis)
            .mapToObj(i -> axes[i])
            .toArray(int[][]::new));
  }

  /** A whole axis put in. */
  Kept inserted(int axis) {
    int[] @Nullable [] more = new int[axes.length + 1] @Nullable [];
    System.arraycopy(axes, 0, more, 0, axis);
    System.arraycopy(axes, axis, more, axis + 1, axes.length - axis);
    return new Kept(more);
  }

  /** What becomes of a shape. */
  Shape of(Shape shape) {
    long[] lengths = shape.getShape().clone();
    for (int i = 0; i < lengths.length; i++) {
      int[] positions = axes[i];
      lengths[i] = positions == null ? lengths[i] : positions.length;
    }
    return new Shape(lengths);
  }

  /** The positions written out, for an axis of this length. */
  static int[] positions(int @Nullable [] kept, long length) {
    return kept == null ? IntStream.range(0, Math.toIntExact(length)).toArray() : kept;
  }

  /** Positions, or null if they are all of an axis in order. */
  static int @Nullable [] simplified(int[] positions, long length) {
    return Arrays.equals(positions, positions(null, length)) ? null : positions;
  }

  /** For messages. */
  static String text(int @Nullable [] kept) {
    return kept == null
        ? "all"
        : kept.length > 16 ? kept.length + " of them" : Arrays.toString(kept);
  }
}
