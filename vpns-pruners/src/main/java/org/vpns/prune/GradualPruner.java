package org.vpns.prune;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * GMP, gradual magnitude pruning (Zhu and Gupta 2017, "To prune, or not to prune"): the network
 * grows sparser while it is trained.
 *
 * <pre>
 * before step t of the schedule:  m = select(|theta|, s_t) among m,  theta = m * theta,
 *                                 moments = m * moments
 * every step:                     min over theta of L(f(m * theta))
 * </pre>
 *
 * <p>Defaults: magnitudes; global selection; a cubic schedule from 0, some 100 prunings in the
 * first three quarters of the steps; 120 epochs, SGD with momentum 0.9 and decay 1e-4, 0.01 falling
 * by a cosine per epoch. Immutable.
 */
public final class GradualPruner implements Pruner {
  private Scorer scorer = Scorers.magnitude();
  private Allocation allocation = Allocations.global();
  private @Nullable Schedule schedule;
  private boolean returning;
  private Stage.Motion weights = Tuning.MOTION;
  private Length length = Length.epochs(120);

  GradualPruner() {}

  private GradualPruner with(Consumer<GradualPruner> change) {
    GradualPruner copy = new GradualPruner();
    copy.scorer = scorer;
    copy.allocation = allocation;
    copy.schedule = schedule;
    copy.returning = returning;
    copy.weights = weights;
    copy.length = length;
    change.accept(copy);
    return copy;
  }

  /** Ranks the weights otherwise. */
  public GradualPruner scorer(Scorer newScorer) {
    return with(p -> p.scorer = newScorer);
  }

  /** Spends the budget otherwise. */
  public GradualPruner allocation(Allocation newAllocation) {
    return with(p -> p.allocation = newAllocation);
  }

  /**
   * Prunes at other steps; the schedule ends at the sparsity asked for, and before training does.
   */
  public GradualPruner schedule(Schedule newSchedule) {
    return with(p -> p.schedule = newSchedule);
  }

  /**
   * The form of the original article: the same sparsity in each parameter, the mask made anew from
   * all weights; a removed one stays as it was and returns if others fall below it. Always by
   * magnitude.
   */
  public GradualPruner paper() {
    return with(
        p -> {
          p.scorer = Scorers.magnitude();
          p.allocation = Allocations.perLayer();
          p.returning = true;
        });
  }

  /** Trains the weights otherwise. */
  public GradualPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Trains for another length. */
  public GradualPruner length(Length newLength) {
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return "GMP";
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    return List.of(
        Tuning.stage(weights, length)
            .mask(new GradualMask(scorer, allocation, schedule, sparsity, returning))
            .build());
  }
}
