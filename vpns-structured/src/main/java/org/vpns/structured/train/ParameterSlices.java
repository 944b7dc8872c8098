package org.vpns.structured.train;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vpns.train.Regulariser.Gradients;
import org.vpns.train.Regulariser.Weights;

/**
 * A parameter, and which unit each position along its axes belongs to; rows are its positions along
 * the first axis. It is read once for all its axes.
 */
final class ParameterSlices {
  /** Entries that are read at a time, if rows are not longer. */
  private static final int CHUNK = 1 << 13;

  private static final int NOBODY = -1;

  private final String path;
  private final Shape shape;
  private final boolean moves;
  private final int rows;
  private final int row;
  private final int[] rowUnits;
  private final List<Columns> columns = new ArrayList<>();
  private final float[] values;
  private final float[] amounts;

  /**
   * An axis behind the first, within a row.
   *
   * @param axis the axis
   * @param outer blocks of a row
   * @param inner entries of a position of a block
   * @param units of the positions
   */
  private record Columns(int axis, int outer, int inner, int[] units) {}

  /**
   * A parameter whose positions belong to nobody yet.
   *
   * @param moves whether it is trained
   */
  ParameterSlices(String path, Shape shape, boolean moves) {
    this.path = path;
    this.shape = shape;
    this.moves = moves;
    rows = Math.toIntExact(shape.get(0));
    row = Math.toIntExact(shape.size() / rows);
    rowUnits = nobody(0);
    values = new float[Math.min(rows, rowsAtOnce()) * row];
    amounts = new float[values.length];
  }

  private int rowsAtOnce() {
    return Math.max(1, CHUNK / row);
  }

  private int[] nobody(int axis) {
    int[] units = new int[Math.toIntExact(shape.get(axis))];
    Arrays.fill(units, NOBODY);
    return units;
  }

  /** Positions of an axis belong to a unit. */
  void give(int axis, List<Integer> positions, int unit) {
    int[] units = axis == 0 ? rowUnits : columns(axis).units();
    positions.forEach(position -> units[position] = unit);
  }

  private Columns columns(int axis) {
    for (Columns known : columns) {
      if (known.axis() == axis) {
        return known;
      }
    }
    int inner = Math.toIntExact(shape.slice(axis + 1).size());
    int outer = row / inner / Math.toIntExact(shape.get(axis));
    Columns found = new Columns(axis, outer, inner, nobody(axis));
    columns.add(found);
    return found;
  }

  /** Whether it is trained. */
  boolean moves() {
    return moves;
  }

  /** Adds to each unit's number that of the entries in its positions. */
  void count(long[] counts) {
    count(rowUnits, row, counts);
    for (Columns c : columns) {
      count(c.units(), (long) rows * c.outer() * c.inner(), counts);
    }
  }

  private static void count(int[] units, long entries, long[] counts) {
    for (int unit : units) {
      if (unit != NOBODY) {
        counts[unit] += entries;
      }
    }
  }

  /** Adds to each unit's sum the squares of the entries in its positions. */
  void addSquares(Weights weights, double[] sums) {
    for (int first = 0; first < rows; first += rowsAtOnce()) {
      int count = read(weights, first);
      for (int r = 0; r < count; r++) {
        int unit = rowUnits[first + r];
        if (unit != NOBODY) {
          sums[unit] += squares(r * row, row);
        }
        for (Columns c : columns) {
          addSquares(c, r * row, sums);
        }
      }
    }
  }

  private void addSquares(Columns c, int from, double[] sums) {
    int at = from;
    for (int block = 0; block < c.outer(); block++) {
      for (int unit : c.units()) {
        if (unit != NOBODY) {
          sums[unit] += squares(at, c.inner());
        }
        at += c.inner();
      }
    }
  }

  /** Four sums, which do not wait for each other. */
  private double squares(int from, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i < from + length - 3; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < from + length; i++) {
      a += (double) values[i] * values[i];
    }
    return a + b + (c + d);
  }

  /**
   * Adds each entry, once for each unit that it lies in, times the unit's factor to the gradient.
   */
  void addScaled(Gradients gradients, float[] factors) {
    for (int first = 0; first < rows && moves; first += rowsAtOnce()) {
      int count = read(gradients, first);
      for (int r = 0; r < count; r++) {
        int unit = rowUnits[first + r];
        float factor = unit == NOBODY ? 0 : factors[unit];
        for (int i = r * row; i < (r + 1) * row; i++) {
          amounts[i] = factor * values[i];
        }
        for (Columns c : columns) {
          scale(c, r * row, factors);
        }
      }
      gradients.add(path, first * row, amounts, count * row);
    }
  }

  private void scale(Columns c, int from, float[] factors) {
    int at = from;
    for (int block = 0; block < c.outer(); block++) {
      for (int unit : c.units()) {
        float factor = unit == NOBODY ? 0 : factors[unit];
        int end = at + c.inner();
        for (; at < end; at++) {
          amounts[at] += factor * values[at];
        }
      }
    }
  }

  /** Adds the sign of each entry of its units' rows times a number to the gradient. */
  void addSigns(Gradients gradients, float times) {
    for (int first = 0; first < rows && moves; first += rowsAtOnce()) {
      int count = read(gradients, first);
      for (int i = 0; i < count * row; i++) {
        boolean wanted = rowUnits[first + i / row] != NOBODY;
        amounts[i] = wanted ? times * Math.signum(values[i]) : 0;
      }
      gradients.add(path, first * row, amounts, count * row);
    }
  }

  /** Reads some rows, and tells how many. */
  private int read(Weights weights, int first) {
    int count = Math.min(rowsAtOnce(), rows - first);
    weights.read(path, first * row, values, count * row);
    return count;
  }
}
