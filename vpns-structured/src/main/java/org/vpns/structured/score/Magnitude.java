package org.vpns.structured.score;

import java.math.BigDecimal;
import java.util.function.DoubleUnaryOperator;
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
    DoubleUnaryOperator term = term();
    return member -> member.sums(context.values(member.parameter()), term);
  }

  private DoubleUnaryOperator term() {
    if (p == 1) {
      return Math::abs;
    }
    return p == 2 ? w -> w * w : w -> Math.pow(Math.abs(w), p);
  }

  @Override
  protected String name() {
    return name;
  }
}
