package org.vpns.structured.prune;

import org.vpns.MaskSet;
import org.vpns.testing.train.PrunerContract;
import org.vpns.train.Pruner;

/** HYDRA on channels as a method of pruning; its sparsity counts channels. */
class ChannelHydraContractTest extends PrunerContract {
  @Override
  protected Pruner pruner() {
    return ChannelRuns.quick(ChannelPruners.hydra());
  }

  @Override
  protected void requireKept(MaskSet masks) {
    ChannelRuns.requireUnits(masks, sparsity());
  }
}
