package org.vpns.structured.prune;

import ai.djl.nn.Block;
import org.vpns.Layout;
import org.vpns.ParameterPaths;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelRules;

/** Whether channels of a run may leave what is frozen. */
final class FrozenChannels {
  private FrozenChannels() {}

  /**
   * Rules that hold it, unless the recipe prunes frozen weights: whoever asks for these by the
   * filter need not ask a second time by the rules.
   *
   * @param prunable what the recipe's filter lets go
   */
  static ChannelRules held(ChannelRules rules, ModelGraph graph, Block block, Layout prunable) {
    boolean asked =
        ParameterPaths.of(block).frozen().stream().anyMatch(p -> prunable.contains(p.path()));
    return asked ? rules : rules.keepFrozen(graph, block);
  }
}
