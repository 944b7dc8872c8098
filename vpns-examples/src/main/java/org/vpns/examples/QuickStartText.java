package org.vpns.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vpns.internal.text.Texts;
import org.vpns.study.Comparison;
import org.vpns.study.Comparison.Row;

/** What the quick start says below its table. */
final class QuickStartText {
  /** Where no two methods are further apart than this fraction, the text says so. */
  private static final double SATURATED = 0.02;

  private QuickStartText() {}

  static List<String> closing(Comparison comparison, List<QuickStartBest> best, Path folder) {
    List<String> lines = new ArrayList<>(cautions(comparison));
    lines.add("");
    lines.add(
        "Best sparse models: of the method with the best mean the best seed, both by the first half"
            + " of its test images; accuracy is that on the second half.");
    for (QuickStartBest model : best) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %s at sparsity %s, seed %d: %s %%, %s",
              model.report().recipe(),
              model.report().sparsity(),
              model.report().seed(),
              Texts.percent(model.unseen()),
              folder.resolve(QuickStartFiles.model(best, model))));
    }
    lines.add("Page with curves, densities, prompt and warnings:");
    lines.add("  " + folder.resolve(QuickStartFiles.PAGE));
    return lines;
  }

  /** What to keep in mind, as far as the rows give reason. */
  static List<String> cautions(Comparison comparison) {
    List<String> lines = new ArrayList<>();
    comparison.rows().stream()
        .map(Row::sparsity)
        .distinct()
        .forEach(
            sparsity -> {
              double[] means =
                  comparison.rows().stream()
                      .filter(row -> row.sparsity().equals(sparsity))
                      .mapToDouble(row -> row.accuracy().mean())
                      .sorted()
                      .toArray();
              double range = means[means.length - 1] - means[0];
              if (means.length > 1 && range < SATURATED) {
                lines.add(
                    String.format(
                        Locale.ROOT,
                        "At sparsity %s all methods lie within %.1f points of each other: there the"
                            + " task leaves little to tell them apart.",
                        sparsity,
                        100 * range));
              }
            });
    lines.add(
        "Files hold kept weights alone; in memory removed weights are 0.0 in a network of the same"
            + " size, and dense kernels run it no faster.");
    return lines;
  }
}
