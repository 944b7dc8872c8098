package org.vpns.structured.score;

import java.util.Map;

/** sum |w g| over a slice, or |sum w g|; g the gradient of the mean loss. */
final class Taylor extends MemberImportance {
  private final boolean multivariable;

  Taylor(boolean multivariable) {
    this.multivariable = multivariable;
  }

  @Override
  protected Session open(ChannelContext context) {
    Map<String, float[]> gradient = context.gradient();
    return member -> {
      float[] w = context.values(member.parameter());
      float[] g = gradient.getOrDefault(member.parameter(), new float[w.length]);
      for (int i = 0; i < w.length; i++) {
        w[i] *= g[i];
      }
      return member.each(w, this::sum);
    };
  }

  private double sum(float[] slice) {
    double sum = 0;
    for (float product : slice) {
      sum += multivariable ? product : Math.abs(product);
    }
    return Math.abs(sum);
  }

  @Override
  protected String name() {
    return multivariable ? "multivariable Taylor" : "Taylor";
  }
}
