package org.vpns.structured.prune;

import com.google.common.primitives.Floats;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vpns.ScoringContext;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** The scores that units begin with. */
enum UnitStart {
  /**
   * That of DepGraph: the squares of all slices of convolutions, linear layers and norms' scales,
   * summed, over the mean of the group. The mean over slices in place of the sum is the same then.
   */
  SQUARES("squared weights over the group's mean") {
    @Override
    float[] scores(GatedUnits gated, ScoringContext context) {
      NetworkValues network = NetworkValues.of(gated.graph(), context.block());
      Map<String, float[]> values = new HashMap<>();
      List<ChannelUnit> units = gated.groups().free();
      double[] sums = new double[units.size()];
      Map<Integer, double[]> groups = new HashMap<>(); // sum, count
      for (int i = 0; i < sums.length; i++) {
        for (Slice slice : units.get(i).slices()) {
          if (SCORED.contains(slice.role())) {
            sums[i] += squares(slice, network, values);
          }
        }
        double[] group = groups.computeIfAbsent(units.get(i).group(), g -> new double[2]);
        group[0] += sums[i];
        group[1]++;
      }
      float[] scores = new float[sums.length];
      for (int i = 0; i < scores.length; i++) {
        double[] group = groups.getOrDefault(units.get(i).group(), new double[2]);
        scores[i] = group[0] == 0 ? 0 : (float) (sums[i] / (group[0] / group[1]));
      }
      return scores;
    }
  },

  /** Uniform in [0, 1), from the seed and the unit's name. */
  RANDOM("random") {
    @Override
    float[] scores(GatedUnits gated, ScoringContext context) {
      return Floats.toArray(
          gated.groups().free().stream()
              .map(unit -> context.random("channel-score/" + gated.name(unit)).nextFloat())
              .toList());
    }
  };

  private static final Set<Role> SCORED = EnumSet.of(Role.OUT, Role.IN, Role.THROUGH, Role.SCALE);

  private static double squares(Slice slice, NetworkValues network, Map<String, float[]> values) {
    GraphParameter p = network.graph().parameter(slice.parameter());
    float[] all = values.computeIfAbsent(p.path(), path -> network.array(p).toFloatArray());
    double[] sum = new double[1];
    Slices.each(slice, p.shape(), i -> sum[0] += (double) all[i] * all[i]);
    return sum[0];
  }

  private final String words;

  UnitStart(String words) {
    this.words = words;
  }

  /** One a free unit, in their order. */
  abstract float[] scores(GatedUnits gated, ScoringContext context);

  String describe() {
    return words;
  }
}
