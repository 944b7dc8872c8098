package org.vpns.examples.compare;

import static org.vpns.examples.TrainingSettings.SCORES;
import static org.vpns.examples.TrainingSettings.WEIGHTS;

import org.vpns.prune.BipPruner;
import org.vpns.prune.HydraPruner;
import org.vpns.prune.LotteryPruner;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;
import org.vpns.prune.VpnsPruner;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/** Methods with a task's rates, in 2T gradient steps where they allow it. */
public final class MethodRecipes {
  private final ComparisonTask task;
  private final long steps;
  private final Length half;
  private final Length whole;

  /**
   * For a task.
   *
   * @param steps T, gradient steps per stage
   */
  public MethodRecipes(ComparisonTask task, long steps) {
    this.task = task;
    this.steps = steps;
    half = Length.iterations(steps);
    whole = Length.iterations(2 * steps);
  }

  /** T steps. */
  public Length half() {
    return half;
  }

  /** T / 2 steps. */
  public Length quarter() {
    return Length.iterations(Math.max(1, steps / 2));
  }

  /** 2T steps. */
  public Length whole() {
    return whole;
  }

  /** The task. */
  public ComparisonTask task() {
    return task;
  }

  /** A pruner that scores once, with the task's rate of weights, tuned for 2T. */
  public OneShotPruner tuned(OneShotPruner pruner) {
    return pruner.weights(WEIGHTS, task.rates().weights()).length(whole);
  }

  /** Magnitude. */
  public OneShotPruner omp() {
    return tuned(Pruners.magnitude());
  }

  /** T for the scores, T for tuning. */
  public HydraPruner hydra() {
    return hydra(half);
  }

  /** 2T for the scores, 2T for tuning: what VPNs' effort buys without a prompt, and more. */
  public HydraPruner hydraTwice() {
    return hydra(whole);
  }

  private HydraPruner hydra(Length each) {
    return Pruners.hydra()
        .scores(SCORES, task.rates().scores())
        .weights(WEIGHTS, task.rates().weights())
        .lengths(each, each);
  }

  /** T for scores and prompt, T for tuning both. */
  public VpnsPruner vpns() {
    return vpns(half);
  }

  /** The alternating form takes two steps in an iteration. */
  public VpnsPruner vpnsAlternating() {
    return vpns(Length.iterations(steps / 2)).alternating();
  }

  private VpnsPruner vpns(Length each) {
    MethodRates rates = task.rates();
    return Pruners.vpns()
        .scores(SCORES, rates.scores())
        .promptInFinding(rates.promptInFinding().rule(), rates.promptInFinding().rate())
        .weights(WEIGHTS, rates.weights())
        .promptInTuning(rates.promptInTuning().rule(), rates.promptInTuning().rate())
        .lengths(each, each);
  }

  /** Lottery tickets: T for each round, T for tuning. */
  public LotteryPruner lottery() {
    return Pruners.lottery().weights(WEIGHTS, task.rates().weights()).lengths(half, half);
  }

  /** Two gradient steps for each iteration of both levels, the rest for tuning. */
  public Pruner bip() {
    MethodRates.Bip own = task.rates().bip();
    long joint = Math.max(1, Math.round(own.jointShare() * steps));
    BipPruner bip =
        Pruners.bip()
            .scores(SCORES, own.scores())
            .lowerRate(own.lower())
            .gamma(own.gamma())
            .length(Length.iterations(joint));
    long left = 2 * (steps - joint);
    return left == 0 ? bip : bip.tuning(WEIGHTS, task.rates().weights(), Length.iterations(left));
  }

  /** A place for a prompt, which learns at the task's rate there. */
  public Mount learned(Mount mount) {
    Stage.Motion motion = task.rates().promptInTuning();
    return mount.trained(motion.rule(), motion.rate());
  }

  /** With the task's options. */
  public Recipe.Builder options(Recipe.Builder recipe, long seed) {
    return recipe
        .mapping(task.mapping())
        .input(task.input())
        .batchSize(task.batchSize())
        .seed(seed);
  }
}
