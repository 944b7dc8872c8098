package org.vpns.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
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
  public record Motion(UpdateRule rule, LearningRate rate) {
    /** Both are needed. */
    public Motion {
      Problem.given(rule, "new Stage.Motion", "rule");
      Problem.given(rate, "new Stage.Motion", "rate");
      Problem.givenEach(rule.slots(), "new Stage.Motion", "what UpdateRule.slots gives");
    }

    /**
     * Of scores, and of a prompt beside them: Adam with decay 1e-4, rate 1e-4 falling by a cosine
     * per epoch.
     */
    public static final Motion OF_SCORES =
        new Motion(UpdateRule.adam().decay(1e-4), LearningRate.cosine(1e-4).perEpoch());

    /**
     * Of weights, and of a prompt beside them or alone: SGD with momentum 0.9 and decay 1e-4, rate
     * 0.01 falling by a cosine per epoch.
     */
    public static final Motion OF_WEIGHTS =
        new Motion(
            UpdateRule.sgd().momentum(0.9).decay(1e-4), LearningRate.cosine(0.01).perEpoch());
  }

  private final String name;
  private final MaskRule mask;
  private final ImmutableMap<Target, Motion> motions;
  private final ImmutableList<Pass> passes;
  private final Length length;
  private final Rewind rewind;
  private final @Nullable Distillation distillation;
  private final @Nullable Regulariser regulariser;
  private final boolean freezeStatistics;
  private final boolean keepBest;
  private final int patience;
  private final boolean measured;
  private final @Nullable Boolean scoresPrompted;
  private final boolean remap;

  private Stage(Builder builder, Length length) {
    name = builder.name;
    mask = builder.mask == null ? MaskRule.keep() : builder.mask;
    motions = ImmutableMap.copyOf(builder.motions);
    passes = ImmutableList.copyOf(builder.passes);
    this.length = length;
    rewind = builder.rewind == null ? Rewind.none() : builder.rewind;
    distillation = builder.distillation;
    regulariser = builder.regulariser;
    freezeStatistics = builder.freezeStatistics;
    keepBest = builder.keepBest;
    patience = builder.patience;
    measured = builder.measured;
    scoresPrompted = builder.scoresPrompted;
    remap = builder.remap;
  }

  /** A builder of a stage of the given name. */
  public static Builder builder(String name) {
    Problem.given(name, "Stage.builder", "name");
    return new Builder(name);
  }

  /**
   * A builder of tuning: the weights train under the mask so far, unless another is set, in one
   * plain pass an iteration; ends with the epoch of best validation accuracy.
   */
  public static Builder tuning(Motion weights, Length length) {
    Problem.given(weights, "Stage.tuning", "weights");
    Problem.given(length, "Stage.tuning", "length");
    return builder("tune")
        .train(Target.WEIGHTS, weights)
        .pass(Pass.plain())
        .length(length)
        .keepBest();
  }

  /** A builder that begins with this stage's options; each may be replaced once. */
  public Builder toBuilder() {
    Builder copy = new Builder(name);
    copy.mask = mask;
    copy.motions.putAll(motions);
    copy.passes = passes;
    copy.length = length;
    copy.rewind = rewind;
    copy.distillation = distillation;
    copy.regulariser = regulariser;
    copy.freezeStatistics = freezeStatistics;
    copy.keepBest = keepBest;
    copy.patience = patience;
    copy.measured = measured;
    copy.scoresPrompted = scoresPrompted;
    copy.remap = remap;
    return copy;
  }

  /** Name for progress and report. */
  public String name() {
    return name;
  }

  /** How messages name it. */
  String inWords() {
    return "stage '" + name + "'";
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

  /** The state it begins with. */
  public Rewind rewind() {
    return rewind;
  }

  /** How it learns from the network as it was before pruning; null if it does not. */
  public @Nullable Distillation distillation() {
    return distillation;
  }

  /** What it adds to the gradients of the weights; null if nothing. */
  public @Nullable Regulariser regulariser() {
    return regulariser;
  }

  /** Whether the network runs in evaluation mode, so that running statistics stay. */
  public boolean freezesStatistics() {
    return freezeStatistics;
  }

  /** Whether the epoch of best validation accuracy is kept, if there is a validation split. */
  public boolean keepsBest() {
    return keepBest;
  }

  /** After how many epochs without better validation accuracy it ends; 0 = it does not. */
  public int patience() {
    return patience;
  }

  /** Whether the test images are counted at its end, for its record. */
  public boolean isMeasured() {
    return measured;
  }

  /** Whether any pass uses the prompt. */
  public boolean usesPrompt() {
    return passes.stream().anyMatch(Pass::isPrompted);
  }

  /** Whether scorers that look at images see them with the prompt. */
  public boolean scoresWithPrompt() {
    return scoresPrompted == null ? usesPrompt() : scoresPrompted;
  }

  /** Whether the label mapping is made anew when the stage begins. */
  public boolean remapsLabels() {
    return remap;
  }

  /** The rule of a mask that it learns; null if it is another. */
  @Nullable LearnedMask learnedMask() {
    return mask instanceof LearnedMask learned ? learned : null;
  }

  /** The rule of a mask that moves; null if it is another. */
  @Nullable MovingMask movingMask() {
    return mask instanceof MovingMask moving ? moving : null;
  }

  /** Whether the mask that it begins with stays. */
  boolean hasFixedMask() {
    return mask instanceof FixedMask;
  }

  /** Whether the mask may become another in it. */
  boolean changesMask() {
    return !mask.equals(MaskRule.keep());
  }

  /** Whether weights move. */
  boolean movesWeights() {
    return motions.containsKey(Target.WEIGHTS) || motions.containsKey(Target.PRUNABLE);
  }

  /** Iterations it makes, given those of an epoch. */
  long iterations(long perEpoch) {
    return length.iterationsOf(perEpoch) - rewind.steps();
  }

  /** All options in words. */
  public String describe() {
    StringBuilder text = new StringBuilder("mask " + Texts.own(mask.describe(), mask, "MaskRule"));
    motions.forEach(
        (target, motion) ->
            text.append("; ")
                .append(target)
                .append(" ")
                .append(Texts.own(motion.rule().describe(), motion.rule(), "UpdateRule"))
                .append(" ")
                .append(motion.rate().describe()));
    text.append("; passes ").append(passes).append("; ").append(length);
    if (rewind != Rewind.none()) {
      text.append("; rewound to ").append(rewind.describe());
    }
    if (distillation != null) {
      text.append("; taught by the dense network, ").append(distillation);
    }
    if (regulariser != null) {
      text.append("; regularised by ")
          .append(Texts.own(regulariser.describe(), regulariser, "Regulariser"));
    }
    if (scoresWithPrompt() != usesPrompt()) {
      text.append(scoresWithPrompt() ? "; scored with prompt" : "; scored without prompt");
    }
    return text.append(remap ? "; labels mapped anew" : "")
        .append(freezeStatistics ? "; statistics frozen" : "")
        .append(keepBest ? "; best on validation" : "")
        .append(patience > 0 ? "; patience " + patience : "")
        .append(measured ? "; measured" : "")
        .toString();
  }

  @Override
  public String toString() {
    return describe();
  }

  /** Collects the options of a stage; each may be set once. */
  public static final class Builder {
    private final String name;
    private final Set<String> given = new HashSet<>();
    private @Nullable MaskRule mask;
    private final Map<Target, Motion> motions = new EnumMap<>(Target.class);
    private List<Pass> passes = List.of();
    private @Nullable Length length;
    private @Nullable Rewind rewind;
    private @Nullable Distillation distillation;
    private @Nullable Regulariser regulariser;
    private boolean freezeStatistics;
    private boolean keepBest;
    private int patience;
    private boolean measured;
    private @Nullable Boolean scoresPrompted;
    private boolean remap;

    private Builder(String name) {
      this.name = name;
    }

    /** Where the mask comes from; default: it stays as it is. */
    public Builder mask(MaskRule rule) {
      Problem.given(rule, "Stage.Builder.mask", "rule");
      once("mask");
      mask = rule;
      return this;
    }

    /** Trains a target. */
    public Builder train(Target target, UpdateRule rule, LearningRate rate) {
      Problem.given(target, "Stage.Builder.train", "target");
      Problem.given(rule, "Stage.Builder.train", "rule");
      Problem.given(rate, "Stage.Builder.train", "rate");
      return train(target, new Motion(rule, rate));
    }

    /** Trains a target. */
    public Builder train(Target target, Motion motion) {
      Problem.given(target, "Stage.Builder.train", "target");
      Problem.given(motion, "Stage.Builder.train", "motion");
      once("train " + target);
      motions.put(target, motion);
      return this;
    }

    /** Leaves a target that the stage trained as it is. */
    public Builder rest(Target target) {
      Problem.given(target, "Stage.Builder.rest", "target");
      motions.remove(target);
      return this;
    }

    /** Adds a pass to each iteration. */
    public Builder pass(Pass pass) {
      Problem.given(pass, "Stage.Builder.pass", "pass");
      passes = ImmutableList.<Pass>builder().addAll(passes).add(pass).build();
      return this;
    }

    /** The passes of each iteration in place of those so far. */
    public Builder passes(Pass... newPasses) {
      Problem.givenEach(newPasses, "Stage.Builder.passes", "passes");
      passes = ImmutableList.copyOf(newPasses);
      return this;
    }

    /** How long; required. */
    public Builder length(Length newLength) {
      Problem.given(newLength, "Stage.Builder.length", "length");
      once("length");
      length = newLength;
      return this;
    }

    /** Brings the network back to an earlier state first; default: it goes on as it is. */
    public Builder rewind(Rewind newRewind) {
      Problem.given(newRewind, "Stage.Builder.rewind", "rewind");
      once("rewind");
      rewind = newRewind;
      return this;
    }

    /** Learns from the network as it was before pruning, too; default: from the labels alone. */
    public Builder distil(Distillation newDistillation) {
      Problem.given(newDistillation, "Stage.Builder.distil", "distillation");
      once("distil");
      distillation = newDistillation;
      return this;
    }

    /**
     * Adds to the gradients of the weights, too; default: the loss alone moves them. Several are
     * one by {@link Regulariser#plus}.
     */
    public Builder regularise(Regulariser newRegulariser) {
      Problem.given(newRegulariser, "Stage.Builder.regularise", "regulariser");
      once("regularise", "join them with Regulariser.plus, or build two stages to compare them");
      regulariser = newRegulariser;
      return this;
    }

    /**
     * Whether scorers that look at images see them with the prompt; default: if the passes do.
     *
     * @param prompted needs a prompt in the recipe if true
     */
    public Builder scorePrompted(boolean prompted) {
      once("scorePrompted");
      scoresPrompted = prompted;
      return this;
    }

    /**
     * Whether the label mapping is made anew when it begins, on the network as it is then and on
     * the images as its passes see them; default: the mapping stays. Mappings that are made on the
     * dense network stay all the same.
     */
    public Builder remapLabels(boolean anew) {
      remap = anew;
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

    /** Ends with the last epoch; the default. */
    public Builder keepLast() {
      keepBest = false;
      return this;
    }

    /**
     * Ends early, with the epoch of best validation accuracy, once so many epochs in a row were no
     * better than it; default: it goes to its full length. A mask that moves comes to rest first.
     * Needs a validation split.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder patience(int epochs) {
      once("patience");
      if (epochs < 1) {
        throw Problem.argument(
            "patience out of range",
            "Stage '" + name + "'.patience",
            "at least 1 epoch",
            epochs,
            "leave it out to train for the whole length");
      }
      patience = epochs;
      keepBest = true;
      return this;
    }

    /** Counts the test images at its end, for its record. */
    public Builder measured() {
      measured = true;
      return this;
    }

    private void once(String option) {
      once(option, "build two stages to compare them");
    }

    private void once(String option, String remedy) {
      if (!given.add(option)) {
        throw Problem.state(
            "option set twice", "Stage '" + name + "'." + option, "one value", "two", remedy);
      }
    }

    /**
     * The stage.
     *
     * @throws IllegalStateException if nothing is trained, no pass or length is given, or options
     *     contradict each other
     */
    public Stage build() {
      StageChecks.check(name, mask, motions, passes);
      if (regulariser != null) {
        StageChecks.requireWeights(name, regulariser, motions.keySet());
      }
      if (patience > 0 && !keepBest) {
        throw StageChecks.problem(
            name,
            "patience for an epoch that is not kept",
            "patience with the best epoch kept",
            "patience " + patience + " with keepLast",
            "leave out keepLast or patience");
      }
      if (length == null) {
        throw StageChecks.problem(
            name, "stage without length", "epochs or steps", "none", "call length");
      }
      return new Stage(this, length);
    }
  }
}
