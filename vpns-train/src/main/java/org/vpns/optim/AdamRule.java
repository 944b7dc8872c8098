package org.vpns.optim;

import java.util.List;
import org.vpns.Problem;
import org.vpns.Value;

/**
 * Adam as torch.optim.Adam and AdamW define it (Kingma and Ba 2015; Loshchilov and Hutter 2019):
 * {@code m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= rate / (1 - b1^t) * m / (sqrt(v) /
 * sqrt(1 - b2^t) + epsilon)}. Decay is added to g, or, decoupled, multiplies p by {@code 1 - rate *
 * decay} first. Epsilon is added after the correction of v.
 */
public final class AdamRule extends Value<AdamRule> implements UpdateRule {
  static final double DECOUPLED_DECAY = 0.01;

  private final boolean decoupled;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double epsilon = 1e-8;
  private double decay;

  AdamRule(double decay, boolean decoupled) {
    this.decay = decay;
    this.decoupled = decoupled;
  }

  /** Decay rates of the two moments, each in [0, 1); default 0.9 and 0.999. */
  public AdamRule betas(double first, double second) {
    double one = Checks.fraction("AdamRule.betas", first);
    double two = Checks.fraction("AdamRule.betas", second);
    return with(r -> r.beta1 = one).with(r -> r.beta2 = two);
  }

  /**
   * What is added to the divisor; default 1e-8. Above 0 as a float: with 0 an entry that never had
   * a gradient would become 0 / 0.
   */
  public AdamRule epsilon(double value) {
    return with(r -> r.epsilon = Checks.positiveFloat("AdamRule.epsilon", value));
  }

  /** Weight decay, at least 0; default 0, decoupled {@value #DECOUPLED_DECAY}. */
  public AdamRule decay(double value) {
    return with(r -> r.decay = Checks.notNegative("AdamRule.decay", value));
  }

  @Override
  public List<String> slots() {
    return List.of("m", "v");
  }

  @Override
  public void update(
      float[] p, float[] g, float[][] slots, int offset, int n, double rate, long t) {
    Problem.given(p, "AdamRule.update", "p");
    Problem.given(g, "AdamRule.update", "g");
    Problem.givenEach(slots, "AdamRule.update", "slots");
    float[] m = slots[0];
    float[] v = slots[1];
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float c1 = (float) (1 - beta1);
    float c2 = (float) (1 - beta2);
    float wd = decoupled ? 0f : (float) decay;
    float shrink = decoupled ? (float) (1 - rate * decay) : 1f;
    // The quotient is extended by sqrt(1 - b2^t): one division an entry instead of two.
    double root = Math.sqrt(1 - Math.pow(beta2, t));
    float step = (float) (rate / (1 - Math.pow(beta1, t)) * root);
    float eps = (float) (epsilon * root);
    // One loop without branches: the compiler turns it into vector instructions.
    for (int i = 0; i < n; i++) {
      float x = g[i] + wd * p[i];
      float first = b1 * m[offset + i] + c1 * x;
      float second = b2 * v[offset + i] + c2 * x * x;
      m[offset + i] = first;
      v[offset + i] = second;
      p[i] = p[i] * shrink - step * first / ((float) Math.sqrt(second) + eps);
    }
  }

  @Override
  public String describe() {
    return (decoupled ? "AdamW" : "Adam")
        + "(betas "
        + beta1
        + " "
        + beta2
        + ", epsilon "
        + epsilon
        + ", decay "
        + decay
        + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
