package org.vpns.structured.prune;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.structured.plan.ChannelPlan;

/**
 * What taking channels out of a network has changed. Prints as text.
 *
 * @param plan the channels that have left, and what the network costs with and without them
 * @param channels how many could have left
 * @param difference largest difference between results of the whole network with its channels shut
 *     off and those of the smaller one, of the largest result, on some images
 * @param finding the run on the whole network
 * @param tuning the run on the smaller one
 */
public record ChannelReport(
    ChannelPlan plan, int channels, double difference, PruneReport finding, PruneReport tuning) {
  /** No part may be null. */
  public ChannelReport {
    Problem.given(plan, "new ChannelReport", "plan");
    Problem.given(finding, "new ChannelReport", "finding");
    Problem.given(tuning, "new ChannelReport", "tuning");
  }

  /** How many channels have left; those that leave together count as one. */
  public int removed() {
    return plan.groups().stream().mapToInt(group -> group.removed().size()).sum();
  }

  /** Multiply-adds before over those after. */
  public double speedUp() {
    return (double) plan.before().macs() / plan.after().macs();
  }

  /** Accuracy of the whole network before anything is trained; null without test images. */
  public @Nullable Accuracy dense() {
    return finding.dense();
  }

  /** Accuracy when the channels are found and still there; null without test images. */
  public @Nullable Accuracy found() {
    return finding.tuned();
  }

  /** Accuracy without the channels, before tuning; null without test images. */
  public @Nullable Accuracy cut() {
    return tuning.pruned();
  }

  /** Accuracy in the end; null without test images. */
  public @Nullable Accuracy tuned() {
    return tuning.tuned();
  }

  /**
   * Channels removed, the plan's table, how many weights a mask keeps if it removes some of the
   * smaller network, accuracies, and what both runs warned of.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(Texts.oneLine(finding.recipe()))
        .append(' ')
        .append(finding.sparsity())
        .append(": ")
        .append(Texts.count(removed()))
        .append(" of ")
        .append(Texts.plural(channels, "channel"))
        .append(" removed, ")
        .append(Texts.count(speedUp()))
        .append(" times fewer multiply-adds\n\n")
        .append(plan)
        .append("\n\n");
    if (tuning.kept() < tuning.prunable()) {
      text.append("weights kept: ")
          .append(kept(finding))
          .append(" before the channels left, ")
          .append(kept(tuning))
          .append(" in the end\n\n");
    }
    List<List<String>> accuracies = new ArrayList<>();
    add(accuracies, "dense", dense());
    add(accuracies, "-> found", found());
    add(accuracies, "-> cut", cut());
    add(accuracies, "-> tuned", tuned());
    text.append(
        accuracies.isEmpty()
            ? "accuracy not measured: no test images"
            : Texts.plainTable(List.of("<accuracy %", "plain", "prompted"), accuracies));
    for (PruneReport run : List.of(finding, tuning)) {
      run.warnings().forEach(w -> text.append("\n! ").append(Texts.oneLine(w)));
    }
    return text.toString();
  }

  private static String kept(PruneReport run) {
    return Texts.count(run.kept())
        + " of "
        + Texts.count(run.prunable())
        + " ("
        + Texts.percent((double) run.kept() / run.prunable())
        + " %)";
  }

  private static void add(List<List<String>> rows, String name, @Nullable Accuracy accuracy) {
    if (accuracy != null) {
      rows.add(
          List.of(
              name,
              Texts.percent(accuracy.plainFraction()),
              accuracy.prompted() == null ? "-" : Texts.percent(accuracy.promptedFraction())));
    }
  }
}
