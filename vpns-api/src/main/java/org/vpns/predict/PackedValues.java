package org.vpns.predict;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.vpns.Mask;
import org.vpns.Problem;
import org.vpns.io.FormatException;

/**
 * Values of a tensor without those that its mask removes. Loops go over the mask's words and from
 * one set bit to the next, so that their time follows what is kept.
 */
final class PackedValues {
  /** Floats that are unpacked at a time: they stay in the first-level cache. */
  private static final int PIECE = 4096;

  private PackedValues() {}

  /**
   * The kept values in the order of their positions.
   *
   * @param where the tensor's name, for the message
   * @throws IllegalStateException if a removed value is not 0: it would be lost
   */
  static float[] pack(float[] values, Mask mask, String where) {
    float[] kept = new float[mask.kept()];
    int next = 0;
    int nonzero = 0;
    for (int base = 0; base < values.length; base += Long.SIZE) {
      for (long bits = mask.word(base / Long.SIZE); bits != 0; bits &= bits - 1) {
        float value = values[base + Long.numberOfTrailingZeros(bits)];
        kept[next++] = value;
        nonzero += value == 0 ? 0 : 1;
      }
    }
    for (float value : values) {
      nonzero -= value == 0 ? 0 : 1;
    }
    if (nonzero != 0) {
      requireRemoved(values, mask, where);
    }
    return kept;
  }

  /**
   * Checks weights that are about to be saved.
   *
   * @param where the tensor's name, for the message
   * @throws IllegalStateException if a removed value is not 0
   */
  static void requireRemoved(float[] values, Mask mask, String where) {
    int at = firstRemoved(values, mask);
    if (at >= 0) {
      throw Problem.state(
          "weights and masks disagree",
          where + "[" + at + "]",
          "0.0, as the mask removes it",
          values[at],
          "set removed weights to 0 before saving");
    }
  }

  /** Makes the whole tensor: kept values at their positions, zeros elsewhere. */
  static void unpack(float[] kept, Mask mask, FloatBuffer into) {
    float[] piece = new float[PIECE];
    int next = 0;
    for (int begin = 0; begin < mask.size(); begin += PIECE) {
      int length = Math.min(PIECE, mask.size() - begin);
      Arrays.fill(piece, 0);
      for (int base = 0; base < length; base += Long.SIZE) {
        for (long bits = mask.word((begin + base) / Long.SIZE); bits != 0; bits &= bits - 1) {
          piece[base + Long.numberOfTrailingZeros(bits)] = kept[next++];
        }
      }
      into.put(begin, piece, 0, length);
    }
  }

  /**
   * Checks a dense tensor.
   *
   * @throws FormatException if a removed value is not 0
   */
  static void requireMasked(float[] values, Mask mask, String where) throws FormatException {
    int at = firstRemoved(values, mask);
    if (at >= 0) {
      throw new FormatException(
          "weights and masks disagree",
          where + "[" + at + "]",
          "0.0, as the mask removes it",
          values[at],
          "use files of one result");
    }
  }

  /** Position of the first value that is removed and not 0, or -1. */
  private static int firstRemoved(float[] values, Mask mask) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0 && (mask.word(i / Long.SIZE) >>> i & 1) == 0) {
        return i;
      }
    }
    return -1;
  }
}
