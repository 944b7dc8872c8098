package org.vpns.internal.network;

import ai.djl.Model;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.io.FormatException;

/** The check that weights are 0 where masks remove them, for all that goes into files or comes. */
public final class RemovedWeights {
  private static final String DISAGREE = "weights and masks disagree";
  private static final String ZERO = "0.0, as the mask removes it";

  private RemovedWeights() {}

  /**
   * Checks a network that is about to be written: its removed weights would be lost in one file and
   * come back in another.
   *
   * @throws IllegalStateException if one is not 0
   */
  public static void requireZero(Model model, MaskSet masks) {
    for (NamedParameter p : ParameterPaths.of(Problem.open(model).getBlock())) {
      Mask mask = masks.asMap().get(p.path());
      if (mask != null) {
        float[] values = Problem.open(p.parameter().getArray(), p.path()).toFloatArray();
        int at = firstNonzero(values, mask);
        if (at >= 0) {
          throw Problem.state(
              DISAGREE,
              p.path() + "[" + at + "]",
              ZERO,
              values[at],
              "set removed weights to 0 before saving");
        }
      }
    }
  }

  /**
   * Checks a tensor that was read.
   *
   * @param where file and tensor, for the message
   * @throws FormatException if a removed value is not 0
   */
  public static void requireZero(float[] values, Mask mask, String where) throws FormatException {
    int at = firstNonzero(values, mask);
    if (at >= 0) {
      throw new FormatException(
          DISAGREE, where + "[" + at + "]", ZERO, values[at], "use files of one result");
    }
  }

  /** Position of the first value that is removed and not 0, or -1. */
  private static int firstNonzero(float[] values, Mask mask) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0 && (mask.word(i / Long.SIZE) >>> i & 1) == 0) {
        return i;
      }
    }
    return -1;
  }
}
