package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * A function of two values: of two tensors, of a tensor and a number, or one number per channel.
 *
 * @param other first float of the other values; -1 for a number
 * @param otherPlane floats from a plane of the other tensor to the next; 0 if it has one number for
 *     each plane
 * @param number the other value where it is one for all
 */
public record Binary(
    Function function, Planes in, Planes out, int other, int otherPlane, float number, Clamp clamp)
    implements Step {
  /** The functions. */
  public enum Function {
    /** a + b. */
    ADD,
    /** a - b. */
    SUB,
    /** a b. */
    MUL,
    /** a / b. */
    DIV,
    /** The larger one. */
    MAX,
    /** The smaller one. */
    MIN
  }

  /** Of two tensors that lie alike. */
  public static Step of(Function function, Planes in, Planes other, Planes out, Clamp clamp) {
    return new Binary(function, in, out, other.base(), other.plane(), 0, clamp);
  }

  /**
   * Of a tensor and numbers.
   *
   * @param other first of the numbers, one for each plane
   */
  public static Step byChannel(Function function, Planes in, int other, Planes out, Clamp clamp) {
    return new Binary(function, in, out, other, 0, 0, clamp);
  }

  /** Of a tensor and one number. */
  public static Step withNumber(
      Function function, Planes in, float number, Planes out, Clamp clamp) {
    return new Binary(function, in, out, -1, 0, number, clamp);
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int begin = out.begin(part, parts);
    int end = out.begin(part + 1, parts);
    for (int c = begin; c < end; c++) {
      if (otherPlane > 0) {
        tensors(a, in.at(c), other + c * otherPlane, out.at(c));
      } else {
        numbers(a, in.at(c), other < 0 ? number : a[other + c], out.at(c));
      }
    }
    out.complete(a, begin, end);
  }

  // a loop for each function: a vector that comes from several places becomes an object
  private void tensors(float[] a, int x, int y, int z) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    int n = out.plane();
    switch (function) {
      case ADD -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).add(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
      case SUB -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).sub(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
      case MUL -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).mul(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
      case DIV -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).div(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
      case MAX -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).max(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
      case MIN -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i).min(fromArray(FLOATS, a, y + i));
          v.max(low).min(high).intoArray(a, z + i);
        }
      }
    }
  }

  private void numbers(float[] a, int x, float y, int z) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    FloatVector w = broadcast(FLOATS, y);
    int n = out.plane();
    switch (function) {
      case ADD -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).add(w).max(low).min(high).intoArray(a, z + i);
        }
      }
      case SUB -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).sub(w).max(low).min(high).intoArray(a, z + i);
        }
      }
      case MUL -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).mul(w).max(low).min(high).intoArray(a, z + i);
        }
      }
      case DIV -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).div(w).max(low).min(high).intoArray(a, z + i);
        }
      }
      case MAX -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).max(w).max(low).min(high).intoArray(a, z + i);
        }
      }
      case MIN -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          fromArray(FLOATS, a, x + i).min(w).max(low).min(high).intoArray(a, z + i);
        }
      }
    }
  }
}
