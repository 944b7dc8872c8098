package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;

/** One tensor; {@code bar} in percent of the axis. */
record LayerRow(String path, String shape, String kept, String density, String bar, String note) {
  /** The path cut after each dot, where a narrow column may break it. */
  List<String> parts() {
    return List.of(path.split("(?<=\\.)"));
  }

  /** The whole network first, then each tensor; means over the runs, with the range of counts. */
  static List<LayerRow> of(List<PruneReport> runs, DensityScale scale) {
    Map<String, List<LayerRecord>> byPath = new LinkedHashMap<>();
    for (PruneReport run : runs) {
      for (LayerRecord layer : run.layers()) {
        byPath.computeIfAbsent(layer.path(), p -> new ArrayList<>()).add(layer);
      }
    }
    if (byPath.isEmpty()) {
      return List.of();
    }
    List<LayerRow> rows = new ArrayList<>();
    double whole = mean(runs, PruneReport::density);
    rows.add(
        new LayerRow(
            "whole network",
            "",
            Texts.count(Math.rint(mean(runs, PruneReport::kept)))
                + " / "
                + Texts.count(runs.get(0).prunable()),
            Texts.density(whole),
            scale.length(whole),
            "whole"));
    byPath.forEach(
        (path, layers) -> {
          double density = mean(layers, LayerRecord::density);
          int least = layers.stream().mapToInt(LayerRecord::kept).min().orElse(0);
          int most = layers.stream().mapToInt(LayerRecord::kept).max().orElse(0);
          rows.add(
              new LayerRow(
                  path,
                  layers.get(0).shape(),
                  (least == most
                          ? Texts.count(least)
                          : Texts.count(least) + " to " + Texts.count(most))
                      + " / "
                      + Texts.count(layers.get(0).size()),
                  Texts.density(density),
                  scale.length(density),
                  most == 0 ? "empty" : least == 0 ? "empty with a seed" : ""));
        });
    return rows;
  }

  private static <T> double mean(List<T> values, ToDoubleFunction<T> field) {
    return Statistics.mean(values.stream().mapToDouble(field).toArray());
  }
}
