package org.vpns.internal.predict;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.vpns.Mask;

/**
 * Values of a tensor without those that its mask removes. Loops go over the mask's words and from
 * one set bit to the next, so that their time follows what is kept.
 */
public final class PackedValues {
  /** Floats that are unpacked at a time: they stay in the first-level cache. */
  private static final int PIECE = 4096;

  private PackedValues() {}

  /** The kept values in the order of their positions. */
  public static float[] pack(float[] values, Mask mask) {
    float[] kept = new float[mask.kept()];
    int next = 0;
    for (int base = 0; base < values.length; base += Long.SIZE) {
      for (long bits = mask.word(base / Long.SIZE); bits != 0; bits &= bits - 1) {
        kept[next++] = values[base + Long.numberOfTrailingZeros(bits)];
      }
    }
    return kept;
  }

  /** Makes the whole tensor: kept values at their positions, zeros elsewhere. */
  public static void unpack(float[] kept, Mask mask, FloatBuffer into) {
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
}
