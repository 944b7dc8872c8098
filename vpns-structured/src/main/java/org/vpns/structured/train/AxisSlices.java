package org.vpns.structured.train;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.vpns.train.Regulariser.Gradients;
import org.vpns.train.Regulariser.Weights;

/** An axis of a parameter, and which unit each position along it belongs to. */
final class AxisSlices {
  /** Entries that are read at a time, if positions are not larger. */
  private static final int CHUNK = 1 << 13;

  private final String path;
  private final int outer;
  private final int length;
  private final int inner;
  private final boolean moves;
  private final int[] units;
  private final float[] buffer;

  /**
   * An axis whose positions belong to nobody yet.
   *
   * @param moves whether the parameter is trained
   */
  AxisSlices(String path, Shape shape, int axis, boolean moves) {
    this.path = path;
    this.moves = moves;
    length = Math.toIntExact(shape.get(axis));
    inner = Math.toIntExact(shape.slice(axis + 1).size());
    outer = Math.toIntExact(shape.size() / length / inner);
    units = new int[length];
    Arrays.fill(units, -1);
    buffer = new float[Math.min(length, positionsAtOnce()) * inner];
  }

  private int positionsAtOnce() {
    return Math.max(1, CHUNK / inner);
  }

  /** Positions belong to a unit. */
  void give(List<Integer> positions, int unit) {
    positions.forEach(position -> units[position] = unit);
  }

  /** Whether the parameter is trained. */
  boolean moves() {
    return moves;
  }

  /** Adds to each unit's number that of the entries in its positions. */
  void count(long[] counts) {
    for (int unit : units) {
      if (unit >= 0) {
        counts[unit] += (long) outer * inner;
      }
    }
  }

  /** Adds to each unit's sum the squares of the entries in its positions. */
  void addSquares(Weights weights, double[] sums) {
    forEachChunk(
        (from, first, count) -> {
          weights.read(path, from, buffer, count * inner);
          for (int p = 0; p < count; p++) {
            int unit = units[first + p];
            if (unit >= 0) {
              sums[unit] += squares(p * inner);
            }
          }
        });
  }

  private double squares(int from) {
    double sum = 0;
    for (int i = from; i < from + inner; i++) {
      double value = buffer[i];
      sum += value * value;
    }
    return sum;
  }

  /** Adds each entry times its unit's factor to the gradient. */
  void addScaled(Gradients gradients, double[] factors) {
    add(
        gradients,
        (unit, from) -> {
          double factor = factors[unit];
          for (int i = from; i < from + inner; i++) {
            buffer[i] = (float) (factor * buffer[i]);
          }
        });
  }

  /** Adds each entry's sign times a number to the gradient. */
  void addSigns(Gradients gradients, double times) {
    add(
        gradients,
        (unit, from) -> {
          for (int i = from; i < from + inner; i++) {
            buffer[i] = (float) (times * Math.signum(buffer[i]));
          }
        });
  }

  /** Turns the entries of a position in the buffer into what is added to their gradients. */
  private interface Turning {
    void turn(int unit, int from);
  }

  private void add(Gradients gradients, Turning turning) {
    if (!moves) {
      return;
    }
    forEachChunk(
        (from, first, count) -> {
          gradients.read(path, from, buffer, count * inner);
          for (int p = 0; p < count; p++) {
            if (units[first + p] >= 0) {
              turning.turn(units[first + p], p * inner);
            } else {
              Arrays.fill(buffer, p * inner, (p + 1) * inner, 0);
            }
          }
          gradients.add(path, from, buffer, count * inner);
        });
  }

  /** Positions {@code first} to {@code first + count} of one block, from an entry on. */
  private interface Chunk {
    void at(int from, int first, int count);
  }

  private void forEachChunk(Chunk chunk) {
    int step = positionsAtOnce();
    for (int block = 0; block < outer; block++) {
      for (int first = 0; first < length; first += step) {
        chunk.at((block * length + first) * inner, first, Math.min(step, length - first));
      }
    }
  }
}
