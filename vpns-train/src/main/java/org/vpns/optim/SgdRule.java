package org.vpns.optim;

import java.util.List;
import org.vpns.Problem;
import org.vpns.Value;

/**
 * SGD as torch.optim.SGD defines it, dampening 0: {@code g += decay * p; b = momentum * b + g; p -=
 * rate * (nesterov ? g + momentum * b : b)}.
 */
public final class SgdRule extends Value<SgdRule> implements UpdateRule {
  private float momentum;
  private float decay;
  private boolean nesterov;

  SgdRule() {}

  /**
   * Momentum, 0 &lt;= m &lt; 1; default 0.
   *
   * @throws IllegalStateException if it is 0 and the rule has Nesterov's form
   */
  public SgdRule momentum(double value) {
    if (nesterov && (float) value == 0) {
      throw Problem.state(
          "Nesterov's form without momentum",
          "SgdRule.momentum",
          "momentum above 0",
          value,
          "leave out nesterov");
    }
    return with(r -> r.momentum = (float) Checks.fraction("SgdRule.momentum", value));
  }

  /** L2 decay, added to the gradient, at least 0; default 0. */
  public SgdRule decay(double value) {
    return with(r -> r.decay = (float) Checks.notNegative("SgdRule.decay", value));
  }

  /**
   * The same rule in Nesterov's form.
   *
   * @throws IllegalStateException without momentum
   */
  public SgdRule nesterov() {
    if (momentum == 0) {
      throw Problem.state(
          "Nesterov's form without momentum",
          "SgdRule.nesterov",
          "momentum above 0",
          momentum,
          "call momentum first");
    }
    return with(r -> r.nesterov = true);
  }

  @Override
  public List<String> slots() {
    return momentum == 0 ? List.of() : List.of("momentum");
  }

  @Override
  public void update(
      float[] p, float[] g, float[][] slots, int offset, int n, double rate, long t) {
    Problem.given(p, "SgdRule.update", "p");
    Problem.given(g, "SgdRule.update", "g");
    Problem.givenEach(slots, "SgdRule.update", "slots");
    float lr = (float) rate;
    float wd = decay;
    if (momentum == 0) {
      for (int i = 0; i < n; i++) {
        p[i] -= lr * (g[i] + wd * p[i]);
      }
      return;
    }
    float mu = momentum;
    float[] b = slots[0];
    if (nesterov) {
      for (int i = 0; i < n; i++) {
        float x = g[i] + wd * p[i];
        float velocity = mu * b[offset + i] + x;
        b[offset + i] = velocity;
        p[i] -= lr * (x + mu * velocity);
      }
    } else {
      for (int i = 0; i < n; i++) {
        float velocity = mu * b[offset + i] + (g[i] + wd * p[i]);
        b[offset + i] = velocity;
        p[i] -= lr * velocity;
      }
    }
  }

  @Override
  public String describe() {
    return "SGD(momentum " + momentum + ", decay " + decay + (nesterov ? ", Nesterov" : "") + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
