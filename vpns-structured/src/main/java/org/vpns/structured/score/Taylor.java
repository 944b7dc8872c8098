package org.vpns.structured.score;

import java.util.Map;
import java.util.stream.DoubleStream;

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
      double[] sums = member.sums(w, multivariable ? product -> product : Math::abs);
      return DoubleStream.of(sums).map(Math::abs).toArray();
    };
  }

  @Override
  protected String name() {
    return multivariable ? "multivariable Taylor" : "Taylor";
  }
}
