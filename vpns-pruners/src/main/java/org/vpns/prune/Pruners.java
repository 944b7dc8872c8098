package org.vpns.prune;

import org.vpns.Allocation;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.score.GraspScorer;
import org.vpns.score.Scorers;
import org.vpns.score.SnipScorer;
import org.vpns.score.SynFlowScorer;

/** The pruning methods; the class of each tells what it computes, its defaults and options. */
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
    Problem.given(allocation, "Pruners.layerwiseRandom", "allocation");
    return new OneShotPruner(
            "Random (" + Texts.own(allocation.describe(), allocation, "Allocation") + ")",
            Scorers.random())
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

  /** SNIP: keeps the weights of largest |gradient x weight| on some images, then tunes. */
  public static OneShotPruner snip() {
    return snip(Scorers.snip());
  }

  /** SNIP with other options of its scores. */
  public static OneShotPruner snip(SnipScorer scorer) {
    Problem.given(scorer, "Pruners.snip", "scorer");
    return new OneShotPruner("SNIP", scorer);
  }

  /** GraSP: keeps the weights without which the gradient would lose most norm, then tunes. */
  public static OneShotPruner grasp() {
    return grasp(Scorers.grasp());
  }

  /** GraSP with other options of its scores. */
  public static OneShotPruner grasp(GraspScorer scorer) {
    Problem.given(scorer, "Pruners.grasp", "scorer");
    return new OneShotPruner("GraSP", scorer);
  }

  /** SynFlow: keeps the weights with most flow through them, in 100 rounds, then tunes. */
  public static OneShotPruner synFlow() {
    return synFlow(Scorers.synFlow());
  }

  /** SynFlow with other options of its scores. */
  public static OneShotPruner synFlow(SynFlowScorer scorer) {
    Problem.given(scorer, "Pruners.synFlow", "scorer");
    return new OneShotPruner("SynFlow", scorer).rounds(100);
  }

  /** LTH, iterative magnitude pruning: trains, prunes, rewinds, round after round; then tunes. */
  public static LotteryPruner lottery() {
    return new LotteryPruner();
  }

  /** GMP, gradual magnitude pruning: a schedule makes the network sparser while it is trained. */
  public static GradualPruner gradual() {
    return new GradualPruner();
  }

  /** SET: sparse from the start; after each epoch small weights give way to random ones. */
  public static SetPruner set() {
    return new SetPruner();
  }

  /** RigL: sparse from the start; small weights give way to those of largest gradient. */
  public static RiglPruner rigl() {
    return new RiglPruner("RigL", 100);
  }

  /** ITOP: as RigL or SET, so often that many weights are tried in the course of training. */
  public static RiglPruner itop() {
    return new RiglPruner("ITOP", 10);
  }

  /** BiP: learns scores and weights in turn, each allowing for the other. */
  public static BipPruner bip() {
    return new BipPruner();
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
