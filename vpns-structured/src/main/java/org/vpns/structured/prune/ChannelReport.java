package org.vpns.structured.prune;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/**
 * What taking channels out of a network has changed. Prints as text.
 *
 * @param groups channels of each group, before and after
 * @param removed units that have left
 * @param free units that could have left
 * @param before size of the whole network
 * @param after size of the smaller one
 * @param difference largest difference between results of the whole network with its channels shut
 *     off and those of the smaller one, of the largest result, on some images
 * @param finding the run on the whole network
 * @param tuning the run on the smaller one
 */
public record ChannelReport(
    List<Group> groups,
    int removed,
    int free,
    Size before,
    Size after,
    double difference,
    PruneReport finding,
    PruneReport tuning) {
  /** Copies the list. */
  public ChannelReport {
    groups = ImmutableList.copyOf(groups);
  }

  /**
   * A group of channels.
   *
   * @param name the first layer that makes them
   * @param before how many there were
   * @param after how many are left
   */
  public record Group(String name, int before, int after) {}

  /**
   * What a network costs.
   *
   * @param parameters trained values, statistics left out
   * @param macs multiply-adds for one image
   * @param bytes of parameters and statistics
   */
  public record Size(long parameters, long macs, long bytes) {
    static Size of(ModelGraph graph) {
      LayerTable table = LayerTable.of(graph);
      long bytes =
          graph.parameters().stream()
              .mapToLong(p -> p.shape().size() * p.dataType().getNumOfBytes())
              .sum();
      return new Size(table.parameters(), table.macs(), bytes);
    }
  }

  static List<Group> groups(ChannelGroups groups, List<ChannelUnit> leaving) {
    Set<ChannelUnit> gone = new HashSet<>(leaving);
    List<Group> counts = new ArrayList<>();
    for (ChannelGroup group : groups.groups()) {
      int left = (int) group.units().stream().filter(unit -> !gone.contains(unit)).count();
      counts.add(new Group(group.name(), group.units().size(), left));
    }
    return counts;
  }

  /** Multiply-adds before over those after. */
  public double speedUp() {
    return (double) before.macs() / after.macs();
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

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(finding.recipe())
        .append(' ')
        .append(finding.sparsity())
        .append(": ")
        .append(Texts.count(removed))
        .append(" of ")
        .append(Texts.plural(free, "channel"))
        .append(" removed\n\n");
    List<List<String>> rows = new ArrayList<>();
    groups.forEach(group -> rows.add(row(group.name(), group.before(), group.after())));
    rows.add(row("parameters", before.parameters(), after.parameters()));
    rows.add(row("multiply-adds", before.macs(), after.macs()));
    rows.add(row("bytes", before.bytes(), after.bytes()));
    text.append(Texts.plainTable(List.of("<channels", "before", "after", "left %"), rows));
    List<List<String>> accuracies = new ArrayList<>();
    add(accuracies, "dense", dense());
    add(accuracies, "-> found", found());
    add(accuracies, "-> cut", cut());
    add(accuracies, "-> tuned", tuned());
    text.append('\n');
    text.append(
        accuracies.isEmpty()
            ? "accuracy not measured: no test images"
            : Texts.plainTable(List.of("<accuracy %", "plain", "prompted"), accuracies));
    for (PruneReport run : List.of(finding, tuning)) {
      run.warnings().forEach(w -> text.append("\n! ").append(Texts.oneLine(w)));
    }
    return text.toString();
  }

  private static List<String> row(String name, long before, long after) {
    return List.of(
        name,
        Texts.count(before),
        Texts.count(after),
        before == 0 ? "-" : Texts.percent((double) after / before));
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
