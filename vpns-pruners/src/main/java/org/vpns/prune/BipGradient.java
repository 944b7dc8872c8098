package org.vpns.prune;

import org.vpns.Problem;
import org.vpns.optim.ScoreGradient;

/**
 * The upper level's gradient of BiP. With theta*(m) the minimum over theta of the loss + gamma / 2
 * |theta|^2, the loss's Hessian neglected, d theta* / dm = -diag(g) / gamma, so that
 *
 * <pre>
 * dl/dm = theta g - m g^2 / gamma,   ds = sign(s) dl/dm,   g = dL/dw
 * </pre>
 *
 * <p>The released form multiplies the score's gradient by itself instead: ds = d - lr2 d^2, d =
 * sign(s) theta g.
 */
final class BipGradient implements ScoreGradient {
  private enum Form {
    MASKED,
    UNMASKED,
    RELEASED
  }

  private final Form form;
  private final double weight;

  private BipGradient(Form form, double weight) {
    this.form = form;
    this.weight = weight;
  }

  /**
   * The formula above.
   *
   * @param masked whether the second term is there for kept weights only, as derived
   */
  static BipGradient implicit(double gamma, boolean masked) {
    if (!(gamma > 0 && Double.isFinite(gamma))) {
      throw Problem.argument(
          "option out of range", "BiP, gamma", "a number above 0", gamma, "pass 1 if in doubt");
    }
    return new BipGradient(masked ? Form.MASKED : Form.UNMASKED, 1 / gamma);
  }

  static BipGradient released(double rate) {
    return new BipGradient(Form.RELEASED, rate);
  }

  @Override
  public void apply(float[] g, float[] theta, float[] c, int[] kept, int n) {
    Problem.given(g, "ScoreGradient.apply", "g");
    Problem.given(theta, "ScoreGradient.apply", "theta");
    Problem.given(c, "ScoreGradient.apply", "c");
    Problem.given(kept, "ScoreGradient.apply", "kept");
    float w = (float) weight;
    for (int i = 0; i < n; i++) {
      float sign = Math.signum(c[i]);
      float direct = theta[i] * g[i];
      g[i] =
          switch (form) {
            case MASKED -> sign * (direct - (kept[i] == 0 ? 0 : w * g[i] * g[i]));
            case UNMASKED -> sign * (direct - w * g[i] * g[i]);
            case RELEASED -> sign * direct - w * direct * direct * Math.abs(sign);
          };
    }
  }

  @Override
  public boolean usesMask() {
    return form == Form.MASKED;
  }

  @Override
  public String describe() {
    return switch (form) {
      case MASKED -> "implicit term " + weight + " of kept weights";
      case UNMASKED -> "implicit term " + weight + " of all weights";
      case RELEASED -> "released implicit term " + weight;
    };
  }

  @Override
  public String toString() {
    return describe();
  }
}
