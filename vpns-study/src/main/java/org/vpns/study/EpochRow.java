package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;

/** An epoch of all runs of an arm: means, and the validation accuracy of each run. */
record EpochRow(
    String stage, int epoch, String steps, String loss, String training, List<String> held) {
  static List<EpochRow> of(List<PruneReport> runs) {
    List<EpochRow> rows = new ArrayList<>();
    PruneReport first = runs.get(0);
    for (int s = 0; s < first.stages().size(); s++) {
      int stage = s;
      for (int e = 0; e < first.stages().get(s).epochs().size(); e++) {
        int epoch = e;
        List<EpochRecord> records = new ArrayList<>();
        List<String> held = new ArrayList<>();
        for (PruneReport run : runs) {
          boolean there =
              run.stages().size() > stage && run.stages().get(stage).epochs().size() > epoch;
          if (there) {
            EpochRecord record = run.stages().get(stage).epochs().get(epoch);
            Integer best = run.stages().get(stage).bestEpoch();
            records.add(record);
            held.add(
                number(Curve.percent(record.validation()), "%.2f")
                    + (best != null && best == record.epoch() ? " *" : ""));
          } else {
            held.add("-");
          }
        }
        rows.add(
            new EpochRow(
                first.stages().get(s).name(),
                records.get(0).epoch() + 1,
                Texts.count(mean(records, EpochRecord::gradientSteps)),
                number(mean(records, EpochRecord::loss), "%.4f"),
                number(100 * mean(records, EpochRecord::accuracy), "%.2f"),
                held));
      }
    }
    return rows;
  }

  private static String number(@Nullable Double value, String format) {
    return value == null
        ? "-"
        : Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "not finite";
  }

  private static <T> double mean(List<T> values, ToDoubleFunction<T> field) {
    return Statistics.mean(values.stream().mapToDouble(field).toArray());
  }
}
