package org.vpns.prune;

import java.util.List;
import org.vpns.Allocation;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

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
 * <p>That is HYDRA with a prompt mounted everywhere ({@link Mount#everywhere()}), whose defaults
 * hold, for 30 epochs each; the result is the epoch of best validation accuracy, or the last
 * without validation images.
 */
public final class VpnsPruner extends Value<VpnsPruner> implements Pruner {
  private String name = "VPNs";
  private HydraPruner hydra = new HydraPruner().lengths(Length.epochs(30), Length.epochs(30));
  private Mount mount = Mount.everywhere();
  private Pass[] passes = {Pass.prompted()};
  private boolean keepBest = true;

  VpnsPruner() {}

  /** The alternating form: two gradient steps per iteration; in the second the prompt rests. */
  public VpnsPruner alternating() {
    return with(p -> p.name = "VPNs alternating")
        .passes(Pass.prompted().stream("prompt").unaugmented(), Pass.plain());
  }

  /**
   * The released code's iteration: the alternating form, in whose second half the prompt's rule
   * steps with gradient zero; the last epoch is taken. The rest of that code belongs to other parts
   * of a recipe and is not set: prompts with a sigmoid ({@code Prompts.fix(115).sigmoid()}, {@code
   * Prompts.random(115).sigmoid().excludeLast()}), its augmentation, and batches of its size. Two
   * things have no option here: its label mapping is counted on augmented images, and its headline
   * is the accuracy without prompt, which a report tells beside that with it.
   */
  public VpnsPruner paperCompat() {
    return with(p -> p.name = "VPNs (paper code)")
        .with(p -> p.keepBest = false)
        .passes(Pass.prompted().stream("prompt").unaugmented(), Pass.plain().idlePrompt());
  }

  /** As {@link HydraPruner#allocation}. */
  public VpnsPruner allocation(Allocation newAllocation) {
    Problem.given(newAllocation, "VpnsPruner.allocation", "allocation");
    return with(p -> p.hydra = p.hydra.allocation(newAllocation));
  }

  /** As {@link HydraPruner#scores}. */
  public VpnsPruner scores(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "VpnsPruner.scores", "rule");
    Problem.given(rate, "VpnsPruner.scores", "rate");
    return with(p -> p.hydra = p.hydra.scores(rule, rate));
  }

  /** As {@link HydraPruner#weights}. */
  public VpnsPruner weights(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "VpnsPruner.weights", "rule");
    Problem.given(rate, "VpnsPruner.weights", "rate");
    return with(p -> p.hydra = p.hydra.weights(rule, rate));
  }

  /** Lengths of mask finding and of tuning; default 30 epochs each. */
  public VpnsPruner lengths(Length finding, Length tuning) {
    Problem.given(finding, "VpnsPruner.lengths", "finding");
    Problem.given(tuning, "VpnsPruner.lengths", "tuning");
    return with(p -> p.hydra = p.hydra.lengths(finding, tuning));
  }

  /** How the prompt moves beside the scores; default {@link Stage.Motion#OF_SCORES}. */
  public VpnsPruner promptInFinding(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "VpnsPruner.promptInFinding", "rule");
    Problem.given(rate, "VpnsPruner.promptInFinding", "rate");
    return with(p -> p.mount = p.mount.trained(Mount.Place.FINDING, rule, rate));
  }

  /** How the prompt moves beside the weights; default {@link Stage.Motion#OF_WEIGHTS}. */
  public VpnsPruner promptInTuning(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "VpnsPruner.promptInTuning", "rule");
    Problem.given(rate, "VpnsPruner.promptInTuning", "rate");
    return with(p -> p.mount = p.mount.trained(Mount.Place.TUNING, rule, rate));
  }

  /** The passes of an iteration; default one prompted pass. */
  public VpnsPruner passes(Pass... newPasses) {
    Problem.givenEach(newPasses, "VpnsPruner.passes", "passes");
    return with(p -> p.passes = newPasses.clone());
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
    Problem.given(sparsity, "VpnsPruner.stages", "sparsity");
    return mount.onto(hydra.stages(sparsity)).stream().map(this::inItsForm).toList();
  }

  private Stage inItsForm(Stage stage) {
    Stage.Builder own = stage.toBuilder().passes(passes);
    return keepBest ? own.build() : own.keepLast().build();
  }
}
