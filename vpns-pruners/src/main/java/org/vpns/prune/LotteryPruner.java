package org.vpns.prune;

import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.schedule.Rounds;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
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
 * <p>The test images are counted after every round. A mounted prompt is carried over ({@link
 * Rewind#withPrompt()}). Rounds train as tuning does, by default for as long.
 */
public final class LotteryPruner extends TunedPruner<LotteryPruner> {
  private Rounds rounds = Rounds.DEFAULT;
  private Rewind rewind = Rewind.pretrained();
  private Length roundLength = length;

  LotteryPruner() {}

  /** Fraction p of the weights that each round removes; default {@link Rounds#DEFAULT}, 0.2. */
  public LotteryPruner rounds(Rounds newRounds) {
    Problem.given(newRounds, "LotteryPruner.rounds", "rounds");
    return with(p -> p.rounds = newRounds);
  }

  /** The state that each round and tuning begin with; default {@link Rewind#pretrained()}. */
  public LotteryPruner rewind(Rewind newRewind) {
    Problem.given(newRewind, "LotteryPruner.rewind", "rewind");
    return with(p -> p.rewind = newRewind);
  }

  /** Lengths of a round and of tuning; by default the same. */
  public LotteryPruner lengths(Length round, Length tuning) {
    Problem.given(round, "LotteryPruner.lengths", "round");
    Problem.given(tuning, "LotteryPruner.lengths", "tuning");
    return with(p -> p.roundLength = round).length(tuning);
  }

  @Override
  public String name() {
    return "LTH";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "LotteryPruner.stages", "sparsity");
    List<Stage> stages = new ArrayList<>();
    int last = rounds.until(sparsity);
    for (int round = 1; round <= last; round++) {
      stages.add(round(round));
    }
    Rewind before = last == 0 ? first() : rewind;
    stages.add(Stage.tuning(weights, length).mask(mask(sparsity)).rewind(before).build());
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
        : stage.mask(mask(rounds.after(round - 1))).rewind(rewind).build();
  }

  /** The first stage has no earlier one whose steps could have been recorded. */
  private Rewind first() {
    return rewind.isRecorded() ? Rewind.none() : rewind;
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return MaskRule.nested(Scorers.magnitude(), allocation, sparsity);
  }
}
