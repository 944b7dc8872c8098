package org.vpns.prune;

import java.util.List;
import java.util.function.Consumer;
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
 * VPNs (arXiv 2312.01397, equations 5 and 6): scores and a visual prompt learned together, then the
 * surviving weights and the prompt.
 *
 * <pre>
 * find:  min over c, delta of L(M(f(theta * m(c); p_delta(x))), y),  m(c) = select(|c|, s)
 * tune:  min over theta, delta of the same,  m fixed, from the pretrained theta and the delta found
 * </pre>
 *
 * with dL/dc = dL/dw * theta * sign(c), w = theta * m. The joint form, the paper's text and the
 * default here, makes one prompted pass per iteration. The alternating form, the released code,
 * makes two: a prompted, un-augmented one on a second stream, then a plain, augmented one that
 * moves everything but the prompt.
 *
 * <p>Defaults: global selection; scores and prompt by Adam with decay 1e-4, 1e-4 falling by a
 * cosine per epoch, 30 epochs; weights and prompt by SGD with momentum 0.9 and decay 1e-4, 0.01
 * likewise, 30 epochs; the epoch of best validation accuracy, or the last without validation
 * images. Immutable.
 */
public final class VpnsPruner implements Pruner {
  private Allocation allocation = Allocations.global();
  private Stage.Motion scores = Finding.MOTION;
  private Stage.Motion promptFinding = Finding.MOTION;
  private Stage.Motion weights = Tuning.MOTION;
  private Stage.Motion promptTuning = Tuning.MOTION;
  private Length finding = Length.epochs(30);
  private Length tuning = Length.epochs(30);
  private List<Pass> passes = List.of(Pass.prompted());
  private boolean keepBest = true;
  private String name = "VPNs";

  VpnsPruner() {}

  private VpnsPruner with(Consumer<VpnsPruner> change) {
    VpnsPruner copy = new VpnsPruner();
    copy.allocation = allocation;
    copy.scores = scores;
    copy.promptFinding = promptFinding;
    copy.weights = weights;
    copy.promptTuning = promptTuning;
    copy.finding = finding;
    copy.tuning = tuning;
    copy.passes = passes;
    copy.keepBest = keepBest;
    copy.name = name;
    change.accept(copy);
    return copy;
  }

  /** The alternating form: two gradient steps per iteration; in the second the prompt rests. */
  public VpnsPruner alternating() {
    return with(
        p -> {
          p.name = "VPNs alternating";
          p.passes = List.of(Pass.prompted().stream("prompt").unaugmented(), Pass.plain());
        });
  }

  /**
   * What the released code does: the alternating form, in whose second half the prompt's rule steps
   * with gradient zero; the last epoch is taken.
   */
  public VpnsPruner paperCompat() {
    return with(
        p -> {
          p.name = "VPNs (paper code)";
          p.passes =
              List.of(Pass.prompted().stream("prompt").unaugmented(), Pass.plain().idlePrompt());
          p.keepBest = false;
        });
  }

  /** Spends the budget otherwise; default {@link Allocations#global()}. */
  public VpnsPruner allocation(Allocation newAllocation) {
    return with(p -> p.allocation = newAllocation);
  }

  /** Learns the scores otherwise. */
  public VpnsPruner scores(UpdateRule rule, LearningRate rate) {
    return with(p -> p.scores = new Stage.Motion(rule, rate));
  }

  /** Learns the prompt in mask finding otherwise. */
  public VpnsPruner promptInFinding(UpdateRule rule, LearningRate rate) {
    return with(p -> p.promptFinding = new Stage.Motion(rule, rate));
  }

  /** Tunes the weights otherwise. */
  public VpnsPruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Learns the prompt in tuning otherwise. */
  public VpnsPruner promptInTuning(UpdateRule rule, LearningRate rate) {
    return with(p -> p.promptTuning = new Stage.Motion(rule, rate));
  }

  /** Lengths of mask finding and of tuning. */
  public VpnsPruner lengths(Length newFinding, Length newTuning) {
    return with(
        p -> {
          p.finding = newFinding;
          p.tuning = newTuning;
        });
  }

  /** The passes of an iteration otherwise, for example in another order of images. */
  public VpnsPruner passes(Pass... newPasses) {
    return with(p -> p.passes = List.of(newPasses));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    Stage.Builder find =
        Stage.builder(Finding.NAME)
            .mask(MaskRule.learned(Scorers.scaledInitialisation(), allocation, sparsity))
            .train(Target.SCORES, scores.rule(), scores.rate())
            .train(Target.PROMPT, promptFinding.rule(), promptFinding.rate())
            .length(finding);
    Stage.Builder tune =
        Stage.builder(Tuning.NAME)
            .train(Target.WEIGHTS, weights.rule(), weights.rate())
            .train(Target.PROMPT, promptTuning.rule(), promptTuning.rate())
            .length(tuning);
    passes.forEach(
        pass -> {
          find.pass(pass);
          tune.pass(pass);
        });
    return List.of(find.build(), keepBest ? tune.keepBest().build() : tune.build());
  }
}
