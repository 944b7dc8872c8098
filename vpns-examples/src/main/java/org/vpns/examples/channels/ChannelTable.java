package org.vpns.examples.channels;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.vpns.internal.compare.Statistics;

/**
 * Outcomes by share and method, means over seeds. Differences to the baseline are of equal seeds,
 * with errors of the corrected resampled t-test (Nadeau and Bengio 2003), and beyond noise only
 * after Holm's correction over the whole table.
 */
final class ChannelTable {
  private final Map<String, List<ChannelOutcome>> rows = new LinkedHashMap<>();
  private final String baseline;
  private final String leaving;
  private final double testPerTraining;

  /**
   * Of outcomes.
   *
   * @param baseline the method that the others are compared to
   * @param leaving of what a share leaves, such as channels
   * @param testPerTraining test images per training image where seeds draw both anew, else 0
   */
  ChannelTable(
      List<ChannelOutcome> outcomes, String baseline, String leaving, double testPerTraining) {
    this.baseline = baseline;
    this.leaving = leaving;
    this.testPerTraining = testPerTraining;
    outcomes.stream()
        .sorted((a, b) -> Double.compare(share(a), share(b)))
        .forEach(
            o -> rows.computeIfAbsent(key(o.leaving(), o.method()), k -> new ArrayList<>()).add(o));
  }

  private static double share(ChannelOutcome outcome) {
    return Double.parseDouble(outcome.leaving());
  }

  private static String key(String leaving, String method) {
    return leaving + " | " + method;
  }

  /** In Markdown. */
  String toMarkdown() {
    List<double[]> differences = new ArrayList<>();
    for (List<ChannelOutcome> row : rows.values()) {
      differences.add(differences(row));
    }
    double[] probabilities =
        Statistics.holm(
            differences.stream()
                .mapToDouble(d -> Statistics.probability(Statistics.mean(d), error(d), d.length))
                .toArray());
    StringBuilder text =
        new StringBuilder(
            "| "
                + leaving
                + " removed | method | runs | accuracy % ± sd | before tuning % | vs "
                + baseline
                + ", points ± se | verdict | MACs kept % | parameters kept | kB | ms | times as"
                + " fast | gradient steps | seconds |\n"
                + "|---:|---|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
    int i = 0;
    for (Map.Entry<String, List<ChannelOutcome>> row : rows.entrySet()) {
      text.append(line(row.getKey(), row.getValue(), differences.get(i), probabilities[i]));
      i++;
    }
    return text.toString();
  }

  private String line(
      String key, List<ChannelOutcome> row, double[] differences, double probability) {
    double[] accuracies = row.stream().mapToDouble(ChannelOutcome::accuracy).toArray();
    boolean several = differences.length > 1;
    String difference =
        differences.length == 0
            ? "-"
            : String.format(Locale.ROOT, "%+.2f", 100 * Statistics.mean(differences))
                + (several ? String.format(Locale.ROOT, " ± %.2f", 100 * error(differences)) : "");
    String verdict =
        row.get(0).method().equals(baseline)
            ? "baseline"
            : differences.length == 0
                ? "-"
                : !several
                    ? "one seed"
                    : probability < Statistics.LEVEL ? "beyond noise" : "within noise";
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.2f%s | %.2f | %s | %s | %.1f | %,.0f | %,.1f | %.3f | %.2f | %.0f | %.1f |%n",
        key,
        row.size(),
        100 * Statistics.mean(accuracies),
        several || row.size() > 1
            ? String.format(Locale.ROOT, " ± %.2f", 100 * Statistics.deviation(accuracies))
            : "",
        100 * mean(row, ChannelOutcome::cut),
        difference,
        verdict,
        100 * mean(row, o -> (double) o.macs() / o.denseMacs()),
        mean(row, o -> o.parameters()),
        mean(row, o -> o.bytes() / 1000.0),
        mean(row, ChannelOutcome::milliseconds),
        mean(row, ChannelOutcome::speedUp),
        mean(row, ChannelOutcome::steps),
        mean(row, ChannelOutcome::seconds));
  }

  private static double mean(List<ChannelOutcome> row, ToDoubleFunction<ChannelOutcome> value) {
    return Statistics.mean(row.stream().mapToDouble(value).toArray());
  }

  private double error(double[] differences) {
    return Statistics.standardError(
        Statistics.deviation(differences), differences.length, testPerTraining);
  }

  /** Of the seeds that the baseline has too; none for the baseline itself. */
  private double[] differences(List<ChannelOutcome> row) {
    ChannelOutcome first = row.get(0);
    if (first.method().equals(baseline)) {
      return new double[0];
    }
    List<ChannelOutcome> others = rows.getOrDefault(key(first.leaving(), baseline), List.of());
    return row.stream()
        .flatMap(
            o ->
                others.stream()
                    .filter(b -> b.seed() == o.seed())
                    .map(b -> o.accuracy() - b.accuracy()))
        .mapToDouble(d -> d)
        .toArray();
  }
}
