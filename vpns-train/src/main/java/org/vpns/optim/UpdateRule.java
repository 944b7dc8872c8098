package org.vpns.optim;

import java.util.List;

/**
 * How parameters move along their gradients. A rule holds options only; its state, one float array
 * per {@link #slots() slot} and parameter, belongs to the run and is saved with it.
 */
public interface UpdateRule {
  /** Stochastic gradient descent without momentum and decay; add them to the result. */
  static SgdRule sgd() {
    return new SgdRule();
  }

  /** Adam with beta 0.9 and 0.999, epsilon 1e-8, no decay. */
  static AdamRule adam() {
    return new AdamRule(0, false);
  }

  /** Adam with decoupled weight decay, {@value AdamRule#DECOUPLED_DECAY} by default. */
  static AdamRule adamW() {
    return new AdamRule(AdamRule.DECOUPLED_DECAY, true);
  }

  /** Names of the state arrays, each as long as the parameter and zero at the start. */
  List<String> slots();

  /**
   * Updates entries 0 .. n-1 of {@code p} in place.
   *
   * @param p parameter values
   * @param g gradients; used as scratch
   * @param slots state arrays in the order of {@link #slots()}; entry i of p is entry {@code offset
   *     + i} there
   * @param offset where this piece begins in the state arrays
   * @param n number of entries
   * @param rate learning rate of this step
   * @param t number of this update of the parameter, from 1
   */
  void update(float[] p, float[] g, float[][] slots, int offset, int n, double rate, long t);

  /** Name and options. */
  String describe();
}
