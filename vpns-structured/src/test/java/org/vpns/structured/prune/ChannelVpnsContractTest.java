package org.vpns.structured.prune;

import org.junit.jupiter.api.Tag;
import org.vpns.MaskSet;
import org.vpns.PromptFactory;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.structured.score.Importances;
import org.vpns.testing.train.PrunerContract;
import org.vpns.train.Pruner;

/** VPNs on channels, weights trained beside the scores, from random ones. */
@Tag("slow")
class ChannelVpnsContractTest extends PrunerContract {
  @Override
  protected Pruner pruner() {
    return ChannelRuns.quick(ChannelPruners.vpns())
        .start(Importances.random())
        .trainWeightsInFinding(UpdateRule.sgd().momentum(0.9), LearningRate.constant(0.02));
  }

  @Override
  protected PromptFactory prompt() {
    return Prompts.pad(4);
  }

  @Override
  protected void requireKept(MaskSet masks) {
    ChannelRuns.requireUnits(masks, sparsity());
  }
}
