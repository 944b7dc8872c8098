package org.vpns.optim;

import java.util.List;

/**
 * Adam as torch.optim.Adam and AdamW define it (Kingma and Ba 2015; Loshchilov and Hutter 2019):
 * {@code m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= rate / (1 - b1^t) * m / (sqrt(v) /
 * sqrt(1 - b2^t) + epsilon)}. Decay is added to g, or, decoupled, multiplies p by {@code 1 - rate *
 * decay} first. Epsilon is added after the correction of v.
 */
public final class AdamRule implements UpdateRule {
  static final double BETA1 = 0.9;
  static final double BETA2 = 0.999;
  static final double EPSILON = 1e-8;
  static final double DECOUPLED_DECAY = 0.01;

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double decay;
  private final boolean decoupled;

  AdamRule(double beta1, double beta2, double epsilon, double decay, boolean decoupled) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.decay = decay;
    this.decoupled = decoupled;
  }

  /** The same rule with other betas, each in [0, 1). */
  public AdamRule betas(double first, double second) {
    return new AdamRule(
        Checks.fraction("AdamRule.betas", first),
        Checks.fraction("AdamRule.betas", second),
        epsilon,
        decay,
        decoupled);
  }

  /**
   * The same rule with another epsilon, above 0 as a float: with 0 an entry that never had a
   * gradient would become 0 / 0.
   */
  public AdamRule epsilon(double value) {
    return new AdamRule(
        beta1, beta2, Checks.positiveFloat("AdamRule.epsilon", value), decay, decoupled);
  }

  /** The same rule with decay, at least 0. */
  public AdamRule decay(double value) {
    return new AdamRule(
        beta1, beta2, epsilon, Checks.notNegative("AdamRule.decay", value), decoupled);
  }

  @Override
  public List<String> slots() {
    return List.of("m", "v");
  }

  @Override
  public void update(
      float[] p, float[] g, float[][] slots, int offset, int n, double rate, long t) {
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
}
