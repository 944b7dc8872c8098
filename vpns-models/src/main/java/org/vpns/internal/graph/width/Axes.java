package org.vpns.internal.graph.width;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the positions of a tensor's axes, in the terms of some {@link Positions}; null
 * for an axis that stays whole. Immutable.
 */
public final class Axes {
  private final int[] @Nullable [] axes;

  private Axes(int[] @Nullable [] axes) {
    this.axes = axes;
  }

  /** All of a tensor stays. */
  public static Axes whole(int rank) {
    return new Axes(new int[rank] @Nullable []);
  }

  /** The same but for one axis. */
  public Axes with(int axis, int @Nullable [] positions) {
    int[] @Nullable [] changed = axes.clone();
    changed[axis] = positions;
    return new Axes(changed);
  }

  /** One axis, or null if it stays whole; not to be written into. */
  public int @Nullable [] axis(int axis) {
    return axes[axis];
  }

  /** Number of axes. */
  public int rank() {
    return axes.length;
  }

  /** Whether every axis stays whole. */
  public boolean isWhole() {
    return Arrays.stream(axes).allMatch(axis -> axis == null);
  }

  /** An axis taken away. */
  public Axes without(int axis) {
    return new Axes(
        IntStream.range(0, axes.length)
            .filter(i -> i != axis)
            .mapToObj(i -> axes[i])
            .toArray(int[][]::new));
  }

  /** A whole axis put in. */
  public Axes inserted(int axis) {
    int[] @Nullable [] more = new int[axes.length + 1] @Nullable [];
    System.arraycopy(axes, 0, more, 0, axis);
    System.arraycopy(axes, axis, more, axis + 1, axes.length - axis);
    return new Axes(more);
  }

  /** What becomes of a shape. */
  public Shape of(Shape shape) {
    long[] lengths = shape.getShape().clone();
    for (int i = 0; i < lengths.length; i++) {
      int[] positions = axes[i];
      lengths[i] = positions == null ? lengths[i] : positions.length;
    }
    return new Shape(lengths);
  }
}
