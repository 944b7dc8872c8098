package org.vpns.prune;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * HYDRA (Sehwag et al. 2020): learned scores without a prompt.
 *
 * <pre>
 * find:  min over c of L(f(theta * m)),  m = select(|c|, s),  dL/dc = dL/dw * theta * sign(c)
 * tune:  min over theta of L(f(theta * m)),  m fixed, from the pretrained theta
 * </pre>
 *
 * Scores start at sqrt(6 / fan-in) * theta / max|theta| per layer; theta is fixed while they are
 * learned.
 *
 * <p>60 epochs each by default; biases and normalisation move in tuning only. The original HYDRA
 * selects in each parameter: {@code allocation(Allocations.perLayer())}.
 */
public final class HydraPruner extends TunedPruner<HydraPruner> {
  private Stage.Motion scores = Stage.Motion.OF_SCORES;
  private Stage.@Nullable Motion others;
  private Length finding = Length.epochs(60);

  HydraPruner() {
    length = finding;
  }

  /** How the scores move; default {@link Stage.Motion#OF_SCORES}. */
  public HydraPruner scores(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "HydraPruner.scores", "rule");
    Problem.given(rate, "HydraPruner.scores", "rate");
    return with(p -> p.scores = new Stage.Motion(rule, rate));
  }

  /** Trains biases and normalisation while scores are learned, as the original HYDRA does. */
  public HydraPruner trainOthersInFinding(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "HydraPruner.trainOthersInFinding", "rule");
    Problem.given(rate, "HydraPruner.trainOthersInFinding", "rate");
    return with(p -> p.others = new Stage.Motion(rule, rate));
  }

  /** Lengths of mask finding and of tuning; default 60 epochs each. */
  public HydraPruner lengths(Length newFinding, Length tuning) {
    Problem.given(newFinding, "HydraPruner.lengths", "finding");
    Problem.given(tuning, "HydraPruner.lengths", "tuning");
    return with(p -> p.finding = newFinding).length(tuning);
  }

  @Override
  public String name() {
    return "HYDRA";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "HydraPruner.stages", "sparsity");
    Stage.Builder find =
        Stage.builder("find mask")
            .mask(mask(sparsity))
            .train(Target.SCORES, scores)
            .pass(Pass.plain())
            .length(finding);
    if (others != null) {
      find.train(Target.OTHERS, others);
    }
    return List.of(find.build(), Stage.tuning(weights, length).build());
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return MaskRule.learned(Scorers.scaledInitialisation(), allocation, sparsity);
  }
}
