package org.vpns.structured.score;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.structured.ChannelGroup;

/**
 * sum w^2 E[g^2] over a slice, E over single images: the mean over images of the slice's sum of (w
 * g)^2, so no array of squares is kept.
 */
final class Fisher extends MemberImportance {
  @Override
  protected Session open(ChannelContext context) {
    List<ChannelMember> members = new ArrayList<>();
    for (ChannelGroup group : context.groups().groups()) {
      if (!group.free().isEmpty()) {
        members.addAll(ChannelMember.of(group, context.network().graph()));
      }
    }
    Map<String, double[]> sums = new HashMap<>();
    context.forEachGradient(
        gradient -> {
          for (ChannelMember member : members) {
            float[] g = gradient.get(member.parameter());
            if (g != null) {
              add(
                  sums.computeIfAbsent(key(member), k -> new double[member.group().units().size()]),
                  squares(member, context.values(member.parameter()), g));
            }
          }
        });
    int images = context.images().size();
    return member -> {
      double[] sum = sums.getOrDefault(key(member), new double[member.group().units().size()]);
      double[] mean = new double[sum.length];
      for (int u = 0; u < mean.length; u++) {
        mean[u] = sum[u] / images;
      }
      return mean;
    };
  }

  private static String key(ChannelMember member) {
    return member.group().number() + " " + member;
  }

  private static double[] squares(ChannelMember member, float[] w, float[] g) {
    for (int i = 0; i < w.length; i++) {
      w[i] *= g[i];
    }
    return member.sums(w, product -> product * product);
  }

  private static void add(double[] sum, double[] terms) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += terms[i];
    }
  }

  @Override
  protected String name() {
    return "Fisher";
  }
}
