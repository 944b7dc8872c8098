package org.vpns.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;

/**
 * A stretch of training: where the mask comes from, what moves by which rule, in which passes, and
 * how long. Immutable.
 */
public final class Stage {
  /**
   * How a target moves.
   *
   * @param rule update rule
   * @param rate learning rate over the stage
   */
  public record Motion(UpdateRule rule, LearningRate rate) {}

  private final String name;
  private final MaskRule mask;
  private final ImmutableMap<Target, Motion> motions;
  private final ImmutableList<Pass> passes;
  private final Length length;
  private final boolean freezeStatistics;
  private final boolean keepBest;

  private Stage(
      String name,
      MaskRule mask,
      Map<Target, Motion> motions,
      List<Pass> passes,
      Length length,
      boolean freezeStatistics,
      boolean keepBest) {
    this.name = name;
    this.mask = mask;
    this.motions = ImmutableMap.copyOf(motions);
    this.passes = ImmutableList.copyOf(passes);
    this.length = length;
    this.freezeStatistics = freezeStatistics;
    this.keepBest = keepBest;
  }

  /** A builder of a stage of the given name. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** The same stage with another length. */
  public Stage length(Length newLength) {
    return new Stage(name, mask, motions, passes, newLength, freezeStatistics, keepBest);
  }

  /**
   * The same stage with another mask rule.
   *
   * @throws IllegalStateException if only one of rule and stage learns scores
   */
  public Stage mask(MaskRule rule) {
    if (rule instanceof LearnedMask != motions.containsKey(Target.SCORES)) {
      throw Problem.state(
          "scores and mask disagree",
          "Stage '" + name + "'",
          "SCORES trained together with MaskRule.learned",
          motions.keySet() + " with mask " + rule.describe(),
          "set both or none");
    }
    return new Stage(name, rule, motions, passes, length, freezeStatistics, keepBest);
  }

  /** Name for progress and report. */
  public String name() {
    return name;
  }

  /** Where the mask comes from. */
  public MaskRule mask() {
    return mask;
  }

  /** What moves, and how. */
  public Map<Target, Motion> motions() {
    return motions;
  }

  /** The passes of an iteration, in order. */
  public List<Pass> passes() {
    return passes;
  }

  /** How long. */
  public Length length() {
    return length;
  }

  /** Whether the network runs in evaluation mode, so that running statistics stay. */
  public boolean freezesStatistics() {
    return freezeStatistics;
  }

  /** Whether the epoch of best validation accuracy is kept, if there is a validation split. */
  public boolean keepsBest() {
    return keepBest;
  }

  /** Whether any pass uses the prompt. */
  public boolean usesPrompt() {
    return passes.stream().anyMatch(Pass::isPrompted);
  }

  /** All options in words. */
  public String describe() {
    StringBuilder text = new StringBuilder("mask " + mask.describe());
    motions.forEach(
        (target, motion) ->
            text.append("; ")
                .append(target)
                .append(" ")
                .append(motion.rule().describe())
                .append(" ")
                .append(motion.rate().describe()));
    return text.append("; passes ")
        .append(passes)
        .append("; ")
        .append(length)
        .append(freezeStatistics ? "; statistics frozen" : "")
        .append(keepBest ? "; best on validation" : "")
        .toString();
  }

  /** Collects the options of a stage; each may be set once. */
  public static final class Builder {
    private final String name;
    private @Nullable MaskRule mask;
    private final Map<Target, Motion> motions = new EnumMap<>(Target.class);
    private final ImmutableList.Builder<Pass> passes = ImmutableList.builder();
    private @Nullable Length length;
    private boolean freezeStatistics;
    private boolean keepBest;

    private Builder(String name) {
      this.name = name;
    }

    /** Where the mask comes from; default: it stays as it is. */
    public Builder mask(MaskRule rule) {
      once("mask", mask);
      mask = rule;
      return this;
    }

    /** Trains a target. */
    public Builder train(Target target, UpdateRule rule, LearningRate rate) {
      once("train " + target, motions.get(target));
      motions.put(target, new Motion(rule, rate));
      return this;
    }

    /** Adds a pass to each iteration. */
    public Builder pass(Pass pass) {
      passes.add(pass);
      return this;
    }

    /** How long; required. */
    public Builder length(Length newLength) {
      once("length", length);
      length = newLength;
      return this;
    }

    /**
     * Runs the network in evaluation mode: batch-norm statistics neither move nor are taken from
     * the batch, and dropout is off. Not for TorchScript modules: the engine gives no gradients
     * through them in evaluation mode.
     */
    public Builder freezeStatistics() {
      freezeStatistics = true;
      return this;
    }

    /** Ends with the epoch of best validation accuracy instead of the last. */
    public Builder keepBest() {
      keepBest = true;
      return this;
    }

    private void once(String option, @Nullable Object before) {
      if (before != null) {
        throw Problem.state(
            "option set twice",
            "Stage '" + name + "'." + option,
            "one value",
            "two",
            "build two stages to compare them");
      }
    }

    /**
     * The stage.
     *
     * @throws IllegalStateException if nothing is trained, no pass or length is given, or options
     *     contradict each other
     */
    public Stage build() {
      List<Pass> list = passes.build();
      require(!motions.isEmpty(), "stage trains nothing", "a target", "none", "call train");
      require(!list.isEmpty(), "stage without pass", "a pass", "none", "call pass");
      require(length != null, "stage without length", "epochs or steps", "none", "call length");
      require(
          motions.containsKey(Target.SCORES) == mask instanceof LearnedMask,
          "scores and mask disagree",
          "SCORES trained together with MaskRule.learned",
          motions.keySet() + " with mask " + (mask == null ? "keep" : mask.describe()),
          "set both or none");
      require(
          !motions.containsKey(Target.WEIGHTS)
              || !motions.containsKey(Target.SCORES) && !motions.containsKey(Target.OTHERS),
          "weights trained twice in one stage",
          "WEIGHTS without SCORES and OTHERS",
          motions.keySet(),
          "use two stages");
      require(
          !motions.containsKey(Target.PROMPT) || list.stream().anyMatch(Pass::isPrompted),
          "prompt trained but never shown",
          "a prompted pass",
          list,
          "add Pass.prompted()");
      for (Target target : motions.keySet()) {
        require(
            list.stream().anyMatch(p -> p.moves(target)),
            "target never moves",
            "a pass that moves " + target,
            list,
            "do not freeze it in every pass");
      }
      return new Stage(
          name,
          mask == null ? MaskRule.keep() : mask,
          motions,
          list,
          length == null ? Length.epochs(1) : length,
          freezeStatistics,
          keepBest);
    }

    private void require(
        boolean condition, String what, Object expected, Object found, String remedy) {
      if (!condition) {
        throw Problem.state(what, "Stage '" + name + "'", expected, found, remedy);
      }
    }
  }
}
