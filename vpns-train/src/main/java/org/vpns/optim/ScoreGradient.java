package org.vpns.optim;

import org.vpns.Problem;

/**
 * How the gradient of scores c follows from that of the effective weights w = m * theta, m selected
 * by |c|.
 */
public interface ScoreGradient {
  /**
   * Turns dL/dw into dL/dc, entry by entry.
   *
   * @param g in: dL/dw; out: dL/dc
   * @param theta true weights
   * @param c scores
   * @param kept all ones where the mask keeps an entry, 0 elsewhere; undefined unless {@link
   *     #usesMask()}
   * @param n number of entries
   */
  void apply(float[] g, float[] theta, float[] c, int[] kept, int n);

  /** Whether {@link #apply} looks at the mask. */
  boolean usesMask();

  /** In words; empty for the straight-through estimator. */
  String describe();

  /** {@code dL/dc = dL/dw * theta * sign(c)}, sign(0) = 0, as if m were |c|. */
  static ScoreGradient straightThrough() {
    return new ScoreGradient() {
      /**
       * The two factors make every non-zero c, subnormal ones included, exceed 1, so that clipping
       * gives exactly its sign; loops without branches become vector instructions.
       */
      @Override
      public void apply(float[] g, float[] theta, float[] c, int[] kept, int n) {
        Problem.given(g, "ScoreGradient.apply", "g");
        Problem.given(theta, "ScoreGradient.apply", "theta");
        Problem.given(c, "ScoreGradient.apply", "c");
        Problem.given(kept, "ScoreGradient.apply", "kept");
        for (int i = 0; i < n; i++) {
          float sign = Math.max(-1f, Math.min(1f, c[i] * 0x1p127f * 0x1p127f));
          g[i] = g[i] * theta[i] * sign;
        }
      }

      @Override
      public boolean usesMask() {
        return false;
      }

      @Override
      public String describe() {
        return "";
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }
}
