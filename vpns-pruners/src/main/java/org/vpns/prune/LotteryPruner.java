package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.vpns.Allocation;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.schedule.Rounds;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Rewind;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * LTH, iterative magnitude pruning (Frankle and Carbin 2019, "The lottery ticket hypothesis"; Chen
 * et al. 2021 for pretrained networks).
 *
 * <pre>
 * m_0 = 1;  for r = 1, 2, ... R(s):
 *     train theta from the rewind state with mask m_(r-1)
 *     m_r = the 1 - s_r largest |theta| among m_(r-1),  s_r = 1 - (1 - p)^r;  s_R = s
 * tune: train theta from the rewind state with mask m_R
 * </pre>
 *
 * <p>R(s) is the first round whose s_r is s or more. A sparsity that is no s_r is so a branch off
 * the chain of rounds: it is cut among the weights trained in its last round. {@link
 * LotteryTickets} shares one chain between several sparsities.
 *
 * <p>Defaults: p = 0.2; global selection; rewinding to the pretrained state, a mounted prompt is
 * carried over ({@link Rewind#withPrompt()}); 120 epochs each round and in tuning, SGD with
 * momentum 0.9 and decay 1e-4, 0.01 falling by a cosine per epoch. The test images are counted
 * after every round. Immutable.
 */
public final class LotteryPruner implements Pruner {
  private Rounds rounds = Rounds.DEFAULT;
  private Allocation allocation = Allocations.global();
  private Rewind rewind = Rewind.pretrained();
  private Stage.Motion weights = Tuning.MOTION;
  private Length roundLength = Length.epochs(120);
  private Length tuning = Length.epochs(120);

  LotteryPruner() {}

  private LotteryPruner with(Consumer<LotteryPruner> change) {
    LotteryPruner copy = new LotteryPruner();
    copy.rounds = rounds;
    copy.allocation = allocation;
    copy.rewind = rewind;
    copy.weights = weights;
    copy.roundLength = roundLength;
    copy.tuning = tuning;
    change.accept(copy);
    return copy;
  }

  /** Removes another fraction of the weights each round. */
  public LotteryPruner rounds(Rounds newRounds) {
    return with(p -> p.rounds = newRounds);
  }

  /** Spends the budget otherwise. */
  public LotteryPruner allocation(Allocation newAllocation) {
    return with(p -> p.allocation = newAllocation);
  }

  /**
   * Rewinds otherwise: to new random values, to the state after some steps of the first round, or
   * to a given one.
   */
  public LotteryPruner rewind(Rewind newRewind) {
    return with(p -> p.rewind = newRewind);
  }

  /** Trains the weights otherwise, in rounds and tuning. */
  public LotteryPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Lengths of a round and of tuning. */
  public LotteryPruner lengths(Length newRound, Length newTuning) {
    return with(
        p -> {
          p.roundLength = newRound;
          p.tuning = newTuning;
        });
  }

  @Override
  public String name() {
    return "LTH";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    List<Stage> stages = new ArrayList<>();
    int last = rounds.until(sparsity);
    for (int round = 1; round <= last; round++) {
      stages.add(round(round));
    }
    stages.add(
        Tuning.stage(weights, tuning)
            .mask(cut(sparsity))
            .rewind(last == 0 ? first() : rewind)
            .build());
    return stages;
  }

  private Stage round(int round) {
    Stage.Builder stage =
        Stage.builder("round " + round)
            .train(Target.WEIGHTS, weights)
            .pass(Pass.plain())
            .length(roundLength)
            .measured();
    return round == 1
        ? stage.rewind(first()).build()
        : stage.mask(cut(rounds.after(round - 1))).rewind(rewind).build();
  }

  /** The first stage has no earlier one whose steps could have been recorded. */
  private Rewind first() {
    return rewind.isRecorded() ? Rewind.none() : rewind;
  }

  private MaskRule cut(Sparsity sparsity) {
    return MaskRule.nested(Scorers.magnitude(), allocation, sparsity);
  }
}
