package org.vpns.prune;

import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Schedule;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.score.Scorers;
import org.vpns.train.MaskRule;

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
 * <p>Defaults: magnitudes; a cubic schedule from 0, some 100 prunings in the first three quarters
 * of the steps; those of {@link TunedPruner}.
 */
public final class GradualPruner extends TunedPruner<GradualPruner> {
  private Scorer scorer = Scorers.magnitude();
  private @Nullable Schedule schedule;
  private boolean returning;

  GradualPruner() {}

  /** Who ranks the weights; default {@link Scorers#magnitude()}. */
  public GradualPruner scorer(Scorer newScorer) {
    Problem.given(newScorer, "GradualPruner.scorer", "scorer");
    return with(p -> p.scorer = newScorer);
  }

  /** How sparse at which step; it ends at the sparsity asked for, and before training does. */
  public GradualPruner schedule(Schedule newSchedule) {
    Problem.given(newSchedule, "GradualPruner.schedule", "schedule");
    return with(p -> p.schedule = newSchedule);
  }

  /**
   * The form of the original article: the same sparsity in each parameter, the mask made anew from
   * all weights; a removed one stays as it was and returns if others fall below it. Always by
   * magnitude.
   */
  public GradualPruner paper() {
    return with(p -> p.returning = true)
        .scorer(Scorers.magnitude())
        .allocation(Allocations.perLayer());
  }

  @Override
  public String name() {
    return "GMP";
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return new GradualMask(scorer, allocation, schedule, sparsity, returning);
  }
}
