package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.CostColumns;
import org.vpns.internal.text.Texts;
import org.vpns.report.Cost;
import org.vpns.report.EpochRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.Comparison.Row;

/** One method at one sparsity, all its seeds, as {@link HtmlPage} shows it. */
record HtmlArm(
    String id,
    String method,
    String sparsity,
    String accuracy,
    String seeds,
    boolean open,
    boolean curves,
    String lossLabel,
    String accuracyLabel,
    String smoothing,
    boolean epochs,
    List<String> seedNames,
    List<EpochRow> epochRows,
    List<String> costTitles,
    List<StageRow> stages,
    boolean densities,
    String scale,
    int scaleParts,
    List<String> ticks,
    List<LayerRow> layers,
    @Nullable ChannelTable channels,
    @Nullable Picture prompt,
    String promptText,
    String missing,
    Data data) {

  record StageRow(String name, List<String> cells) {}

  record Picture(String uri, int width, int height, String label, String caption) {}

  /** For the charts: training loss and accuracies per seed, fractions in percent. */
  record Data(
      String id,
      List<String> seeds,
      List<StageEnd> stages,
      List<Curve> losses,
      List<@Nullable Double> training,
      List<List<@Nullable Double>> validation) {}

  /** Where a stage of the first run ends, in gradient steps and epochs from the run's start. */
  record StageEnd(String name, long steps, long epochs) {}

  static HtmlArm of(
      String id,
      Row row,
      List<PruneReport> runs,
      boolean open,
      int points,
      DensityScale scale,
      int pictureRoom) {
    List<Curve> losses = new ArrayList<>();
    for (PruneReport run : runs) {
      losses.add(
          Curve.of(run.stages().stream().flatMap(s -> s.losses().stream()).toList(), points));
    }
    List<List<EpochRecord>> epochs =
        runs.stream()
            .map(run -> run.stages().stream().flatMap(s -> s.epochs().stream()).toList())
            .toList();
    List<String> seedNames = row.seeds().stream().map(seed -> "seed " + seed).toList();
    int bucket = losses.stream().mapToInt(Curve::bucket).max().orElse(1);
    List<@Nullable Double> training = training(epochs);
    List<List<@Nullable Double>> validation = new ArrayList<>();
    epochs.forEach(
        run -> validation.add(run.stream().map(e -> Curve.percent(e.validation())).toList()));
    PromptRecord prompt = runs.get(0).prompt();
    Picture picture = null;
    String promptText = "";
    if (prompt != null) {
      promptText = prompt.line() + ", learned with " + seedNames.get(0) + ".";
      picture = PromptPicture.complete(prompt) ? picture(prompt) : null;
      if (picture == null) {
        promptText += " Its picture is not in the report.";
      } else if (picture.uri().length() > pictureRoom) {
        promptText += " Its picture is left out, as the page would become too large.";
        picture = null;
      }
    }
    List<LayerRow> layers = LayerRow.of(runs, scale);
    List<CostColumns.Row> costs = costs(runs);
    CostColumns columns = CostColumns.of(costs);
    return new HtmlArm(
        id,
        row.method(),
        row.sparsity(),
        ComparisonColumn.Signs.PLUS_MINUS.spread(row.accuracy()) + " %",
        ComparisonText.seeds(row.seeds()),
        open,
        losses.stream().anyMatch(curve -> curve.first() != null),
        lossLabel(row, losses),
        accuracyLabel(row, validation, training),
        bucket == 1 ? "every step" : "means of " + bucket + " steps",
        epochs.stream().anyMatch(run -> !run.isEmpty()),
        seedNames,
        EpochRow.of(runs),
        columns.titles(),
        costs.stream().map(cost -> new StageRow(cost.name(), columns.cells(cost))).toList(),
        !layers.isEmpty(),
        scale.name(),
        scale.parts(),
        scale.ticks(),
        layers,
        ChannelTable.of(runs.get(0).channels(), seedNames.get(0)),
        picture,
        promptText,
        missing(runs, losses),
        new Data(id, seedNames, stageEnds(runs.get(0)), losses, training, validation));
  }

  private static Picture picture(PromptRecord prompt) {
    PromptPicture picture = PromptPicture.of(prompt);
    int zoom = Math.max(1, Math.min(8, 288 / Math.max(picture.width(), picture.height())));
    return new Picture(
        picture.uri(),
        zoom * picture.width(),
        zoom * picture.height(),
        "The learned prompt, "
            + prompt.kind()
            + ", "
            + prompt.height()
            + " by "
            + prompt.width()
            + " pixels, values from -"
            + picture.scaleText()
            + " to +"
            + picture.scaleText(),
        "Mid grey adds nothing; the brightest level adds "
            + picture.scaleText()
            + " to a channel, the darkest takes it away (pixels range from 0 to 1)"
            + (zoom > 1 ? "; enlarged " + zoom + " times." : "."));
  }

  private static String lossLabel(Row row, List<Curve> losses) {
    StringBuilder text = new StringBuilder("Training loss of " + row.method() + ":");
    for (int i = 0; i < losses.size(); i++) {
      Double first = losses.get(i).first();
      Double last = losses.get(i).last();
      if (first != null && last != null) {
        text.append(
            String.format(
                Locale.ROOT,
                "%s seed %d from %.3f to %.3f over %,d steps",
                text.charAt(text.length() - 1) == ':' ? "" : ";",
                row.seeds().get(i),
                first,
                last,
                losses.get(i).steps()));
      }
    }
    return text.append('.').toString();
  }

  private static String accuracyLabel(
      Row row, List<List<@Nullable Double>> validation, List<@Nullable Double> training) {
    StringBuilder text = new StringBuilder("Accuracy of " + row.method() + " after each epoch");
    for (int i = 0; i < validation.size(); i++) {
      List<@Nullable Double> curve = validation.get(i);
      Double last = curve.isEmpty() ? null : curve.get(curve.size() - 1);
      if (last != null) {
        text.append("; validation ends at ").append(last).append(" % with seed ");
        text.append(row.seeds().get(i));
      }
    }
    Double last = training.isEmpty() ? null : training.get(training.size() - 1);
    if (last != null) {
      text.append("; training images, mean of the seeds, end at ").append(last).append(" %");
    }
    return text.append('.').toString();
  }

  private static String missing(List<PruneReport> runs, List<Curve> losses) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < losses.size(); i++) {
      if (losses.get(i).notFinite() > 0) {
        parts.add(
            Texts.count(losses.get(i).notFinite())
                + " of "
                + Texts.count(losses.get(i).steps())
                + " with seed "
                + runs.get(i).seed());
      }
    }
    return parts.isEmpty()
        ? ""
        : "Training losses that are not finite and not drawn: " + String.join(", ", parts) + ".";
  }

  private static List<@Nullable Double> training(List<List<EpochRecord>> runs) {
    int longest = runs.stream().mapToInt(List::size).max().orElse(0);
    List<@Nullable Double> means = new ArrayList<>();
    for (int i = 0; i < longest; i++) {
      int epoch = i;
      means.add(
          Curve.percent(
              Statistics.mean(
                  runs.stream()
                      .filter(run -> run.size() > epoch)
                      .mapToDouble(run -> run.get(epoch).accuracy())
                      .toArray())));
    }
    return means;
  }

  private static List<StageEnd> stageEnds(PruneReport run) {
    List<StageEnd> ends = new ArrayList<>();
    long steps = 0;
    long epochs = 0;
    for (StageRecord stage : run.stages()) {
      steps += stage.losses().size();
      epochs += stage.epochs().size();
      ends.add(new StageEnd(stage.name(), steps, epochs));
    }
    return ends;
  }

  private static List<CostColumns.Row> costs(List<PruneReport> runs) {
    List<CostColumns.Row> rows = new ArrayList<>();
    Map<String, List<StageRecord>> byName = new LinkedHashMap<>();
    for (PruneReport run : runs) {
      for (int i = 0; i < run.stages().size(); i++) {
        StageRecord stage = run.stages().get(i);
        byName.computeIfAbsent(i + " " + stage.name(), n -> new ArrayList<>()).add(stage);
      }
    }
    for (List<StageRecord> stages : byName.values()) {
      String name = stages.get(0).name();
      List<Cost> scoring =
          stages.stream().map(s -> s.scoring() == null ? Cost.NONE : s.scoring()).toList();
      if (scoring.stream()
          .anyMatch(cost -> CostColumns.isWorthALine(cost.hasPasses(), cost.seconds()))) {
        rows.add(means(name + ": scores", scoring));
      }
      rows.add(means(name, stages.stream().map(StageRecord::training).toList()));
    }
    return rows;
  }

  private static CostColumns.Row means(String name, List<Cost> costs) {
    return new CostColumns.Row(
        name,
        mean(costs, Cost::gradientSteps),
        mean(costs, Cost::forwards),
        mean(costs, Cost::doubleBackwards),
        mean(costs, Cost::images),
        mean(costs, Cost::seconds));
  }

  private static <T> double mean(List<T> values, ToDoubleFunction<T> field) {
    return Statistics.mean(values.stream().mapToDouble(field).toArray());
  }
}
