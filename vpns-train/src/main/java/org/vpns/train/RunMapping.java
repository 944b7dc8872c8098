package org.vpns.train;

import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.run.Evaluator;

/** Which logits stand for the classes, and when that is decided. */
final class RunMapping {
  private final LabelMapping mapping;
  private final int outputs;
  private final RunImages images;
  private final Evaluator evaluator;
  private final Seeds seeds;
  private final Ledger ledger;

  /** The assignments that are made are kept in the ledger. */
  RunMapping(
      LabelMapping mapping,
      int outputs,
      RunImages images,
      Evaluator evaluator,
      Seeds seeds,
      Ledger ledger) {
    this.mapping = mapping;
    this.outputs = outputs;
    this.images = images;
    this.evaluator = evaluator;
    this.seeds = seeds;
    this.ledger = ledger;
  }

  /** The assignment that applies. */
  LabelAssignment now() {
    LabelAssignment assignment = ledger.mapping;
    if (assignment == null) {
      throw new IllegalStateException("no label mapping yet");
    }
    return assignment;
  }

  /** Decides on the dense network, if the mapping is made there. */
  void beginRun(Stage first) {
    if (isDense()) {
      assign(first);
    }
  }

  /**
   * Decides if the stage's first mask is what the mapping waited for, if the stage asks for it, or
   * if an interval of the mapping begins with the stage.
   *
   * @param epoch the stage's first, counted over the run
   */
  void beginStage(Stage stage, long epoch) {
    if (ledger.mapping == null || (stage.remapsLabels() && !isDense()) || beginsInterval(epoch)) {
      assign(stage);
    }
  }

  /**
   * Decides anew where an interval of the mapping begins with an epoch of the stage, not its first.
   *
   * @param epoch counted over the run
   */
  void beginEpoch(Stage stage, long epoch) {
    if (beginsInterval(epoch)) {
      assign(stage);
    }
  }

  /** The run's first assignment is that of the first interval, whatever moment it is made at. */
  private boolean beginsInterval(long epoch) {
    int interval = mapping.refreshEpochs();
    return interval > 0 && epoch > 0 && epoch % interval == 0;
  }

  private boolean isDense() {
    LabelMapping.Moment moment =
        Problem.given(mapping.moment(), mapping.describe(), "what LabelMapping.moment gives");
    return moment == LabelMapping.Moment.DENSE;
  }

  private void assign(Stage stage) {
    ledger.mapping = made(stage.usesPrompt());
  }

  private LabelAssignment made(boolean prompted) {
    int classes = images.classes();
    LabelAssignment made =
        Problem.given(
            mapping.assign(
                LabelMapping.Context.of(
                    outputs,
                    classes,
                    () -> evaluator.counts(images.train(), outputs, classes, prompted),
                    seeds.stream("label-mapping"))),
            mapping.describe(),
            "what LabelMapping.assign gives");
    if (made.sources() != outputs || made.targets() != classes) {
      throw Problem.argument(
          "label mapping of another network or other classes",
          mapping.describe(),
          outputs + " outputs and " + classes + " classes",
          made.sources() + " and " + made.targets(),
          "let LabelMapping.assign map those that its context tells");
    }
    return made;
  }

  /**
   * A mapping that is made later, under the first mask, is made here for the dense network only.
   */
  LabelAssignment onDense() {
    return ledger.mapping != null ? ledger.mapping : made(false);
  }

  /** A mapping that waits for the first mask is made here for the scores only. */
  LabelAssignment forScoring(boolean prompted) {
    if (ledger.mapping != null) {
      return ledger.mapping;
    }
    long begin = System.nanoTime();
    LabelAssignment assignment = made(prompted);
    ledger.scoringSeconds -= (System.nanoTime() - begin) / 1e9; // time of the mapping, not scoring
    return assignment;
  }

  /** The network before pruning will teach with these labels. */
  void keepForTeacher() {
    ledger.teacherMapping = onDense();
  }

  /** The labels of the network before pruning; null if it does not teach. */
  @Nullable LabelAssignment ofTeacher() {
    return ledger.teacherMapping;
  }
}
