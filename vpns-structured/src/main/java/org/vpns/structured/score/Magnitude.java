package org.vpns.structured.score;

import java.math.BigDecimal;
import org.vpns.structured.ChannelUnit.Role;

/** sum |w|^p over a slice, without root. */
final class Magnitude extends MemberImportance {
  private final String name;
  private final double p;

  Magnitude(String name, double p, Role... roles) {
    super(roles);
    this.name = name;
    this.p = p;
  }

  Magnitude(double p) {
    name = "L" + BigDecimal.valueOf(p).stripTrailingZeros().toPlainString() + " magnitude";
    this.p = p;
  }

  @Override
  protected Session open(ChannelContext context) {
    return member -> member.each(context.values(member.parameter()), this::sum);
  }

  private double sum(float[] slice) {
    if (p == 2) {
      return squares(slice);
    }
    double sum = 0;
    for (float w : slice) {
      sum += p == 1 ? Math.abs(w) : Math.pow(Math.abs(w), p);
    }
    return sum;
  }

  /** Sum of squares. */
  static double squares(float[] slice) {
    double sum = 0;
    for (float w : slice) {
      sum += (double) w * w;
    }
    return sum;
  }

  @Override
  protected String name() {
    return name;
  }
}
