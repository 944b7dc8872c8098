package org.vpns.examples.speed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.vpns.internal.compare.Statistics;

/** Outcomes of one network by what left it, means over seeds. */
final class SpeedTable {
  private SpeedTable() {}

  /** In Markdown, slowest first. */
  static String markdown(Map<SpeedOutcome, SpeedTimes> outcomes) {
    Map<String, List<Map.Entry<SpeedOutcome, SpeedTimes>>> rows = new LinkedHashMap<>();
    for (Map.Entry<SpeedOutcome, SpeedTimes> outcome : outcomes.entrySet()) {
      SpeedOutcome o = outcome.getKey();
      String key = o.way() + " | " + percent(o.channels()) + " | " + percent(o.sparsity());
      rows.computeIfAbsent(key, k -> new ArrayList<>()).add(outcome);
    }
    StringBuilder text =
        new StringBuilder(
            "| what left | MACs with channels % | weights of the rest % | runs | accuracy % ± sd |"
                + " points lost | MACs kept % | ONNX Runtime: times as fast | sparse runtime |"
                + " faster of the two |\n"
                + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    rows.entrySet().stream()
        .sorted((a, b) -> Double.compare(gain(a.getValue()), gain(b.getValue())))
        .forEach(row -> text.append(line(row.getKey(), row.getValue())));
    return text.toString();
  }

  private static String percent(String share) {
    return String.format(Locale.ROOT, "%.0f", 100 * Double.parseDouble(share));
  }

  private static double gain(List<Map.Entry<SpeedOutcome, SpeedTimes>> row) {
    return Math.max(
        mean(row, e -> e.getValue().onnxGain()), mean(row, e -> e.getValue().sparseGain()));
  }

  private static String line(String key, List<Map.Entry<SpeedOutcome, SpeedTimes>> row) {
    double[] accuracies = row.stream().mapToDouble(e -> e.getKey().accuracy()).toArray();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.2f%s | %.2f | %.1f | %.2f | %.2f | %.2f |%n",
        key,
        row.size(),
        100 * Statistics.mean(accuracies),
        row.size() > 1
            ? String.format(Locale.ROOT, " ± %.2f", 100 * Statistics.deviation(accuracies))
            : "",
        100 * mean(row, e -> e.getKey().dense() - e.getKey().accuracy()),
        100 * mean(row, e -> (double) e.getKey().macs() / e.getKey().denseMacs()),
        mean(row, e -> e.getValue().onnxGain()),
        mean(row, e -> e.getValue().sparseGain()),
        gain(row));
  }

  private static double mean(
      List<Map.Entry<SpeedOutcome, SpeedTimes>> row,
      ToDoubleFunction<Map.Entry<SpeedOutcome, SpeedTimes>> value) {
    return Statistics.mean(row.stream().mapToDouble(value).toArray());
  }
}
