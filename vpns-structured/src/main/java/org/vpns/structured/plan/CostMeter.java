package org.vpns.structured.plan;

import java.util.List;
import org.vpns.Problem;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/** What a network costs while more and more leaves it. */
interface CostMeter {
  /** The cost without what has left. */
  double now();

  /** How much less it would be without these units, which are there still. */
  double saved(List<ChannelUnit> units);

  /** Takes units out. */
  void remove(List<ChannelUnit> units);

  /** Whether what two groups save may depend on each other. */
  boolean related(int group, int other);

  /** A cost that may be another author's, as it was given. */
  static double require(NetworkCost cost, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "cost that no network can have",
          cost.name() + ", what NetworkCost.of gives",
          "a finite number of at least 0",
          value,
          "look for a division by zero, or a difference of costs");
    }
    return value;
  }

  /** For a cost. */
  static CostMeter of(NetworkCost cost, ChannelGroups groups, Shrinking shrinking) {
    return cost instanceof LayerwiseCost layerwise
        ? new LayerMeter(layerwise, groups, shrinking)
        : new GraphMeter(cost, groups, shrinking);
  }
}
