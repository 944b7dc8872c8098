package com.example.lab;

import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelMember;
import org.vpns.structured.score.MemberImportance;

/** The largest weight of a slice. */
final class Peak extends MemberImportance {
  @Override
  protected Session open(ChannelContext context) {
    return (ChannelMember member) ->
        member.each(context.values(member.parameter()), Peak::largest);
  }

  private static double largest(float[] slice) {
    double largest = 0;
    for (float w : slice) {
      largest = Math.max(largest, Math.abs(w));
    }
    return largest;
  }

  @Override
  protected String name() {
    return "largest weight";
  }
}
