package org.vpns.contract;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.vpns.PromptFactory;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.prune.VpnsPruner;
import org.vpns.testing.train.PrunerContract;
import org.vpns.train.Length;
import org.vpns.train.Pruner;

/** All methods against the contract that anyone's method can be run against. */
class PrunerContractsTest {
  private static final Length LENGTH = Length.iterations(4);
  private static final LearningRate RATE = LearningRate.cosine(0.01);

  @Nested
  class Random extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.random().length(LENGTH);
    }
  }

  @Nested
  class LayerwiseRandom extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.layerwiseRandom(Allocations.erk()).length(LENGTH);
    }
  }

  @Nested
  class Magnitude extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.magnitude().length(LENGTH);
    }
  }

  @Nested
  class Hydra extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.hydra().scores(UpdateRule.adam(), RATE).lengths(LENGTH, LENGTH);
    }
  }

  @Nested
  class Snip extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.snip().length(LENGTH);
    }
  }

  @Nested
  class Grasp extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.grasp().length(LENGTH);
    }
  }

  @Nested
  class SynFlow extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.synFlow().rounds(10).length(LENGTH);
    }
  }

  @Nested
  class Lottery extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.lottery().lengths(LENGTH, LENGTH);
    }
  }

  @Nested
  class Gradual extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.gradual().length(LENGTH);
    }
  }

  @Nested
  class SparseEvolution extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.set().length(LENGTH);
    }
  }

  @Nested
  class Rigl extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.rigl().every(1).length(LENGTH);
    }
  }

  @Nested
  class Itop extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.itop().every(1).length(LENGTH);
    }
  }

  @Nested
  class Bip extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return Pruners.bip().scores(UpdateRule.adam(), RATE).length(LENGTH);
    }
  }

  private static VpnsPruner vpns() {
    return Pruners.vpns().scores(UpdateRule.adam(), RATE).lengths(LENGTH, LENGTH);
  }

  @Nested
  class Vpns extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return vpns();
    }

    @Override
    protected @Nullable PromptFactory prompt() {
      return Prompts.pad(4);
    }
  }

  @Nested
  class VpnsAlternating extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return vpns().alternating();
    }

    @Override
    protected @Nullable PromptFactory prompt() {
      return Prompts.random(6);
    }
  }
}
