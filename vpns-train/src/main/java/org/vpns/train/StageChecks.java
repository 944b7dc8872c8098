package org.vpns.train;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** Whether the options of a stage make sense together. */
final class StageChecks {
  private final String name;

  private StageChecks(String name) {
    this.name = name;
  }

  static void check(
      String name, @Nullable MaskRule mask, Map<Target, Stage.Motion> motions, List<Pass> passes) {
    StageChecks stage = new StageChecks(name);
    Set<Target> targets = motions.keySet();
    stage.require(!targets.isEmpty(), "stage trains nothing", "a target", "none", "call train");
    stage.require(!passes.isEmpty(), "stage without pass", "a pass", "none", "call pass");
    stage.require(
        targets.contains(Target.SCORES) == mask instanceof LearnedMask,
        "scores and mask disagree",
        "SCORES trained together with MaskRule.learned or MaskRule.shared",
        targets + " with mask " + (mask == null ? "keep" : mask.describe()),
        "set both or none");
    boolean alone =
        EnumSet.complementOf(EnumSet.of(Target.WEIGHTS, Target.PROMPT)).stream()
            .noneMatch(targets::contains);
    stage.require(
        !targets.contains(Target.WEIGHTS) || alone,
        "weights trained twice in one stage",
        "WEIGHTS without SCORES, PRUNABLE and OTHERS",
        targets,
        "use two stages");
    stage.require(
        !targets.contains(Target.PROMPT) || passes.stream().anyMatch(Pass::isPrompted),
        "prompt trained but never shown",
        "a prompted pass",
        passes,
        "add Pass.prompted()");
    for (Target target : targets) {
      stage.require(
          passes.stream().anyMatch(p -> p.moves(target)),
          "target never moves",
          "a pass that moves " + target,
          passes,
          "do not freeze it in every pass");
    }
    stage.require(
        !targets.contains(Target.SCORES)
            || !targets.contains(Target.PRUNABLE)
            || passes.stream().noneMatch(p -> p.moves(Target.SCORES) && p.moves(Target.PRUNABLE)),
        "weights and their scores move together",
        "passes that move SCORES or PRUNABLE, not both",
        passes,
        "freeze one of them in each pass");
    if (mask instanceof MovingMask) {
      stage.require(
          targets.contains(Target.WEIGHTS)
              && passes.stream().filter(p -> p.moves(Target.WEIGHTS)).count() == 1,
          "moving mask without its steps",
          "WEIGHTS trained in exactly one pass",
          targets + " in " + passes,
          "freeze WEIGHTS in the other passes");
    }
  }

  /** A regulariser acts on weights. */
  static void requireWeights(String name, Regulariser regulariser, Set<Target> targets) {
    new StageChecks(name)
        .require(
            targets.contains(Target.WEIGHTS)
                || targets.contains(Target.PRUNABLE)
                || targets.contains(Target.OTHERS),
            "regulariser without weights",
            "WEIGHTS, PRUNABLE or OTHERS trained under " + regulariser.describe(),
            targets,
            "train weights or leave out regularise");
  }

  private void require(
      boolean condition, String what, Object expected, Object found, String remedy) {
    if (!condition) {
      throw problem(name, what, expected, found, remedy);
    }
  }

  static IllegalStateException problem(
      String name, String what, Object expected, Object found, String remedy) {
    return Problem.state(what, "Stage '" + name + "'", expected, found, remedy);
  }
}
