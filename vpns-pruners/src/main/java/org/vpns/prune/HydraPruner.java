package org.vpns.prune;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
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
 * <p>Defaults: global selection; scores by Adam with decay 1e-4, 1e-4 falling by a cosine per
 * epoch, 60 epochs; tuning by SGD with momentum 0.9 and decay 1e-4, 0.01 likewise, 60 epochs;
 * biases and normalisation move in tuning only. Immutable.
 */
public final class HydraPruner implements Pruner {
  private Allocation allocation = Allocations.global();
  private Stage.Motion scores = Finding.MOTION;
  private Stage.Motion weights = Tuning.MOTION;
  private Stage.@Nullable Motion others;
  private Length finding = Length.epochs(60);
  private Length tuning = Length.epochs(60);

  HydraPruner() {}

  private HydraPruner with(Consumer<HydraPruner> change) {
    HydraPruner copy = new HydraPruner();
    copy.allocation = allocation;
    copy.scores = scores;
    copy.weights = weights;
    copy.others = others;
    copy.finding = finding;
    copy.tuning = tuning;
    change.accept(copy);
    return copy;
  }

  /** Spends the budget otherwise; the original HYDRA uses {@link Allocations#perLayer()}. */
  public HydraPruner allocation(Allocation newAllocation) {
    return with(p -> p.allocation = newAllocation);
  }

  /** Learns the scores otherwise. */
  public HydraPruner scores(UpdateRule rule, LearningRate rate) {
    return with(p -> p.scores = new Stage.Motion(rule, rate));
  }

  /** Tunes the weights otherwise. */
  public HydraPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Trains biases and normalisation while scores are learned, as the original HYDRA does. */
  public HydraPruner trainOthersInFinding(UpdateRule rule, LearningRate rate) {
    return with(p -> p.others = new Stage.Motion(rule, rate));
  }

  /** Lengths of mask finding and of tuning. */
  public HydraPruner lengths(Length newFinding, Length newTuning) {
    return with(
        p -> {
          p.finding = newFinding;
          p.tuning = newTuning;
        });
  }

  @Override
  public String name() {
    return "HYDRA";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Stage.Builder find =
        Stage.builder(Finding.NAME)
            .mask(MaskRule.learned(Scorers.scaledInitialisation(), allocation, sparsity))
            .train(Target.SCORES, scores.rule(), scores.rate())
            .pass(Pass.plain())
            .length(finding);
    if (others != null) {
      find.train(Target.OTHERS, others.rule(), others.rate());
    }
    return List.of(find.build(), Tuning.stage(weights, tuning).build());
  }
}
