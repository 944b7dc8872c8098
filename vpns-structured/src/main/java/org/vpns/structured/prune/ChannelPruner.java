package org.vpns.structured.prune;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Learns which channels stay: a score for each unit of channels that can only leave together, the
 * best of which open the gates of all weights that read their units.
 *
 * <pre>
 * warm up:  min over theta of L(f(theta)), all gates open
 * find:     min over s of L(f(theta * h)),  h = select(|s|, r),
 *           dL/ds_u = sign(s_u) * sum over the weights that read u of dL/dw * theta
 * tune:     min over theta of L(f(theta * h)),  h fixed
 * </pre>
 *
 * with a prompt in all three if it has one. The sparsity r is the share of units that leave, of all
 * that can: exactly floor(r N) of N, at least a tenth of each group staying, of equal scores the
 * higher numbers first. Scores start as DepGraph scores; theta is fixed while they are learned.
 *
 * <p>{@link org.vpns.train.Trainer} gives the network with zeros where gates are closed; {@link
 * ChannelTrainer} takes the channels out before it tunes, and gives the smaller network.
 *
 * <p>Method: section 4.3 of arXiv 2312.01397, whose published code scores the rows of single
 * layers; ours scores what can be removed. 5, 30 and 30 epochs by default.
 */
public final class ChannelPruner extends Value<ChannelPruner> implements Pruner {
  private final String name;
  private final Mount mount;
  private ChannelRules rules = ChannelRules.standard();
  private ChannelImportance start = Importances.l2();
  private Function<Sparsity, ChannelSelection> selection =
      sparsity -> ChannelSelection.of(ChannelBudget.channels(sparsity)).global();
  private Stage.Motion scores = Stage.Motion.OF_SCORES;
  private Stage.Motion weights = Stage.Motion.OF_WEIGHTS;
  private Stage.@Nullable Motion found;
  private @Nullable Length warmUp = Length.epochs(5);
  private Length finding = Length.epochs(30);
  private Length tuning = finding;

  ChannelPruner(String name, Mount mount) {
    this.name = name;
    this.mount = mount;
  }

  /**
   * What may leave; default {@link ChannelRules#standard()}. What is frozen keeps its shape, unless
   * they are {@link ChannelRules#frozenToo()} or the recipe prunes frozen weights ({@link
   * org.vpns.ParameterFilter#frozenToo()}).
   */
  public ChannelPruner rules(ChannelRules newRules) {
    Problem.given(newRules, "ChannelPruner.rules", "rules");
    return with(p -> p.rules = newRules);
  }

  /**
   * The scores to start from; default that of DepGraph, {@link Importances#l2()}. Those that look
   * at images see ten of each class.
   */
  public ChannelPruner start(ChannelImportance newStart) {
    Problem.given(newStart, "ChannelPruner.start", "start");
    return with(p -> p.start = newStart);
  }

  /**
   * Which channels leave at a sparsity, by the scores' magnitudes; default that share of all
   * channels, ranked together. Another budget and other bounds:
   *
   * <pre>{@code
   * pruner.selection(
   *     s -> ChannelSelection.of(ChannelBudget.macs(s.density().doubleValue())).roundTo(8))
   * }</pre>
   *
   * The selection is made anew before every step, which takes longer where a cost is bounded.
   */
  public ChannelPruner selection(Function<Sparsity, ChannelSelection> newSelection) {
    Problem.given(newSelection, "ChannelPruner.selection", "selection");
    return with(p -> p.selection = newSelection);
  }

  /** How the scores move; default {@link Stage.Motion#OF_SCORES}. */
  public ChannelPruner scores(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "ChannelPruner.scores", "rule");
    Problem.given(rate, "ChannelPruner.scores", "rate");
    return with(p -> p.scores = new Stage.Motion(rule, rate));
  }

  /** How the weights move before and after; default {@link Stage.Motion#OF_WEIGHTS}. */
  public ChannelPruner weights(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "ChannelPruner.weights", "rule");
    Problem.given(rate, "ChannelPruner.weights", "rate");
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /**
   * Trains the weights while scores are learned, too, in a second pass of each iteration; default:
   * they are fixed.
   */
  public ChannelPruner trainWeightsInFinding(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "ChannelPruner.trainWeightsInFinding", "rule");
    Problem.given(rate, "ChannelPruner.trainWeightsInFinding", "rate");
    return with(p -> p.found = new Stage.Motion(rule, rate));
  }

  /** Lengths of warm-up, finding and tuning; default 5, 30 and 30 epochs. */
  public ChannelPruner lengths(Length newWarmUp, Length newFinding, Length newTuning) {
    Problem.given(newWarmUp, "ChannelPruner.lengths", "warmUp");
    Problem.given(newFinding, "ChannelPruner.lengths", "finding");
    Problem.given(newTuning, "ChannelPruner.lengths", "tuning");
    return with(p -> p.warmUp = newWarmUp)
        .with(p -> p.finding = newFinding)
        .with(p -> p.tuning = newTuning);
  }

  /** Learns scores of the network as it is given. */
  public ChannelPruner withoutWarmUp() {
    return with(p -> p.warmUp = null);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Problem.given(sparsity, "ChannelPruner.stages", "sparsity");
    Stage find = find(sparsity);
    Stage tune = Stage.tuning(weights, tuning).build();
    Length before = warmUp;
    return mount.onto(before == null ? List.of(find, tune) : List.of(warmUp(before), find, tune));
  }

  private ChannelSelection selected(Sparsity sparsity) {
    return Problem.given(
        selection.apply(sparsity), "ChannelPruner.selection", "what the selection gives");
  }

  private Stage warmUp(Length length) {
    return Stage.builder("warm up")
        .train(Target.WEIGHTS, weights)
        .pass(Pass.plain())
        .length(length)
        .build();
  }

  private Stage find(Sparsity sparsity) {
    Stage.Builder stage =
        Stage.builder("find channels")
            .mask(MaskRule.shared(new UnitScores(rules, start, selected(sparsity))))
            .train(Target.SCORES, scores)
            .length(finding);
    if (found == null) {
      return stage.pass(Pass.plain()).build();
    }
    return stage
        .train(Target.PRUNABLE, found)
        .train(Target.OTHERS, found)
        .pass(Pass.plain().freeze(Target.PRUNABLE).freeze(Target.OTHERS))
        .pass(Pass.plain().freeze(Target.SCORES))
        .build();
  }
}
