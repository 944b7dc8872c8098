package org.vpns.internal.predict;

/** Probabilities on plain numbers. */
public final class Softmax {
  private Softmax() {}

  /** Exponentials of logits, divided by their sum. */
  public static float[] of(float[] logits) {
    double top = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      top = Math.max(top, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - top);
    }
    float[] result = new float[logits.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (Math.exp(logits[i] - top) / sum);
    }
    return result;
  }
}
