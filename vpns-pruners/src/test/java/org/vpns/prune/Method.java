package org.vpns.prune;

import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.schedule.Rounds;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;

/** The methods, each 4 iterations a stage. */
enum Method {
  RANDOM(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.random().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  RANDOM_ERK(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.layerwiseRandom(Allocations.erk())
          .weights(tuning, SmallRuns.TUNING)
          .length(LENGTH);
    }
  },
  OMP_RATIO(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.magnitude().randomPositions().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  BERNOULLI(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.bernoulli().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  OMP(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.magnitude().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  SNIP(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return scored(Pruners.snip(), tuning);
    }
  },
  SNIP_IN_ROUNDS(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return scored(Pruners.snip().rounds(3), tuning);
    }
  },
  GRASP(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return scored(Pruners.grasp(), tuning);
    }
  },
  SYNFLOW(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return scored(Pruners.synFlow().rounds(10), tuning);
    }
  },
  HYDRA(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.hydra()
          .scores(SmallRuns.ADAM, SmallRuns.FINDING)
          .weights(tuning, SmallRuns.TUNING)
          .lengths(LENGTH, LENGTH);
    }
  },
  VPNS(1) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return vpns(tuning);
    }
  },
  VPNS_ALTERNATING(2) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return vpns(tuning).alternating();
    }
  },
  VPNS_PAPER_COMPAT(2) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return vpns(tuning).paperCompat();
    }
  },
  LOTTERY(1, Zeros.MORE_AND_MORE) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.lottery().weights(tuning, SmallRuns.TUNING).lengths(LENGTH, LENGTH);
    }
  },
  LOTTERY_WITH_PROMPT(1, Zeros.MORE_AND_MORE) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.lottery()
          .rounds(new Rounds(Sparsity.of("0.6")))
          .rewind(Rewind.early(2).withPrompt())
          .weights(tuning, SmallRuns.TUNING)
          .lengths(LENGTH, LENGTH);
    }

    @Override
    Recipe.Builder prompted(Recipe.Builder recipe) {
      return recipe
          .prompt(Prompts.pad(4))
          .mount(Mount.everywhere().trained(SmallRuns.SGD, SmallRuns.TUNING));
    }
  },
  GRADUAL(1, Zeros.MORE_AND_MORE) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.gradual().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  GRADUAL_PAPER(1, Zeros.MORE_AND_MORE) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      // Global in place of per layer, which rounds each layer's count on its own.
      return Pruners.gradual()
          .paper()
          .allocation(Allocations.global())
          .weights(tuning, SmallRuns.TUNING)
          .length(LENGTH);
    }
  },
  SET(1, Zeros.SOME_KEPT_TOO) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.set().weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  RIGL(1, Zeros.SOME_KEPT_TOO) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.rigl().every(1).weights(tuning, SmallRuns.TUNING).length(LENGTH);
    }
  },
  ITOP(1, Zeros.SOME_KEPT_TOO) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.itop()
          .growAtRandom()
          .every(1)
          .weights(tuning, SmallRuns.TUNING)
          .length(LENGTH);
    }
  },
  BIP(2) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.bip()
          .scores(SmallRuns.ADAM, SmallRuns.FINDING)
          .trainOthers(tuning, SmallRuns.TUNING)
          .length(LENGTH);
    }
  },
  BIP_RELEASED(2) {
    @Override
    Pruner pruner(UpdateRule tuning) {
      return Pruners.bip().released().disjointBatches().length(LENGTH);
    }
  };

  /** Where zeros are in the network while it is trained. */
  enum Zeros {
    /** Exactly where the result's mask removes. */
    OF_THE_MASK,
    /** Ever more of them, in the end as before. */
    MORE_AND_MORE,
    /** Grown weights begin at zero, and those of unused outputs stay there. */
    SOME_KEPT_TOO
  }

  private static final Length LENGTH = Length.iterations(PrunerContractTest.STEPS);
  final int passes;
  final Zeros zeros;

  Method(int passes) {
    this(passes, Zeros.OF_THE_MASK);
  }

  Method(int passes, Zeros zeros) {
    this.passes = passes;
    this.zeros = zeros;
  }

  abstract Pruner pruner(UpdateRule tuning);

  private static Pruner scored(OneShotPruner pruner, UpdateRule tuning) {
    return pruner.weights(tuning, SmallRuns.TUNING).length(LENGTH);
  }

  /** Gives the recipe its prompt, if the method is to have one. */
  Recipe.Builder prompted(Recipe.Builder recipe) {
    return pruner(SmallRuns.SGD) instanceof VpnsPruner ? recipe.prompt(Prompts.pad(4)) : recipe;
  }

  boolean hasPrompt() {
    return recipe("0.8").build().prompt() != null;
  }

  private static VpnsPruner vpns(UpdateRule tuning) {
    return Pruners.vpns()
        .scores(SmallRuns.ADAM, SmallRuns.FINDING)
        .promptInFinding(SmallRuns.ADAM, SmallRuns.FINDING)
        .weights(tuning, SmallRuns.TUNING)
        .promptInTuning(SmallRuns.SGD, SmallRuns.TUNING)
        .lengths(LENGTH, LENGTH);
  }

  Recipe.Builder recipe(String sparsity) {
    return recipe(sparsity, SmallRuns.SGD);
  }

  Recipe.Builder recipe(String sparsity, UpdateRule tuning) {
    Recipe.Builder builder =
        Recipe.of(pruner(tuning), Sparsity.of(sparsity))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH);
    return prompted(builder);
  }
}
