package org.vpns.prune;

import org.vpns.Allocation;
import org.vpns.score.Scorers;

/** The pruning methods, with their published settings; change them with their methods. */
public final class Pruners {
  private Pruners() {}

  /** Keeps a uniformly random subset, exactly as large as asked, then tunes. */
  public static OneShotPruner random() {
    return new OneShotPruner("Random", Scorers.random());
  }

  /**
   * Layer-wise random: keeps a uniformly random subset of each parameter, as large as the
   * allocation says, for instance {@link org.vpns.allocate.Allocations#erk()}; then tunes (Liu et
   * al. 2022, "The unreasonable effectiveness of random pruning").
   */
  public static OneShotPruner layerwiseRandom(Allocation allocation) {
    return new OneShotPruner("Random (" + allocation.describe() + ")", Scorers.random())
        .allocation(allocation);
  }

  /** Keeps each weight with probability 1 - s: a random subset of random size, then tunes. */
  public static BernoulliPruner bernoulli() {
    return new BernoulliPruner();
  }

  /** OMP, one-shot magnitude pruning: keeps the weights of largest absolute value, then tunes. */
  public static OneShotPruner magnitude() {
    return new OneShotPruner("OMP", Scorers.magnitude());
  }

  /** HYDRA: learns scores, keeps the weights of largest |score|, then tunes. */
  public static HydraPruner hydra() {
    return new HydraPruner();
  }

  /** VPNs: learns scores and a visual prompt together, then tunes the weights with the prompt. */
  public static VpnsPruner vpns() {
    return new VpnsPruner();
  }
}
