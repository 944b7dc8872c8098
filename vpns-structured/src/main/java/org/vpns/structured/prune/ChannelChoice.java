package org.vpns.structured.prune;

import org.vpns.Problem;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;

/** Which channels of a trained network leave. */
@FunctionalInterface
public interface ChannelChoice {
  /**
   * The channels that leave.
   *
   * @param groups of the network
   * @param trained the network as it was trained; its arrays are borrowed, to read
   */
  ChannelPlan plan(ChannelGroups groups, NetworkValues trained);

  /** Those that matter least; of importances that look at no images. */
  static ChannelChoice least(ChannelImportance importance, ChannelSelection selection) {
    Problem.given(importance, "ChannelChoice.least", "importance");
    Problem.given(selection, "ChannelChoice.least", "selection");
    return (groups, trained) ->
        selection.plan(
            Problem.given(
                importance.score(ChannelContext.of(trained, groups)),
                importance.describe(),
                "what ChannelImportance.score gives"));
  }
}
