package org.vpns.report;

import com.google.common.base.Ascii;
import com.google.common.collect.Maps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.CostColumns;
import org.vpns.internal.text.Texts;

/** A report as text for a console. */
final class ReportText {
  private ReportText() {}

  static String summary(PruneReport report) {
    StringBuilder text = new StringBuilder();
    text.append(Texts.oneLine(report.recipe()))
        .append(", sparsity ")
        .append(report.sparsity())
        .append(", seed ")
        .append(report.seed())
        .append('\n');
    text.append(
        String.format(
            Locale.ROOT,
            "kept %s of %s prunable weights (density %s %%); %s of %s trainable parameters stay\n",
            Texts.count(report.kept()),
            Texts.count(report.prunable()),
            Texts.density(density(report.kept(), report.prunable())),
            Texts.count(report.parameters() - report.prunable() + report.kept()),
            Texts.count(report.parameters())));
    change(text, "multiply-adds for one image", report.macs(), report.keptMacs());
    change(text, "bytes on disk", report.denseBytes(), report.savedBytes());
    if (report.prompt() != null) {
      text.append(Texts.oneLine(prompt(report.prompt()))).append('\n');
    }
    if (!report.layers().isEmpty()) {
      text.append('\n').append(layers(report.layers())).append('\n');
    }
    if (report.channels() != null) {
      text.append("\nchannels that had left; ").append(report.channels()).append('\n');
    }
    text.append('\n').append(accuracies(report)).append('\n');
    if (!report.stages().isEmpty()) {
      text.append('\n').append(stages(report)).append('\n');
    }
    if (!report.warnings().isEmpty()) {
      text.append("\nwarnings\n");
      report.warnings().forEach(w -> text.append("! ").append(Texts.oneLine(w)).append('\n'));
    }
    return text.toString();
  }

  private static void change(
      StringBuilder text, String name, @Nullable Long before, @Nullable Long after) {
    if (before != null && after != null) {
      text.append(name)
          .append(": ")
          .append(Texts.count(before))
          .append(" => ")
          .append(Texts.count(after))
          .append(" (")
          .append(Texts.percent(density(after, before)))
          .append(" %)\n");
    }
  }

  /** One line on how a run ended. */
  static String line(PruneReport report) {
    StringBuilder text = new StringBuilder();
    text.append(report.recipe())
        .append(' ')
        .append(report.sparsity())
        .append(" seed ")
        .append(report.seed())
        .append(": kept ")
        .append(Texts.count(report.kept()))
        .append(" of ")
        .append(Texts.count(report.prunable()));
    if (report.macs() != null && report.keptMacs() != null) {
      text.append(", multiply-adds ")
          .append(Texts.count(report.macs()))
          .append(" -> ")
          .append(Texts.count(report.keptMacs()));
    }
    Accuracy tuned = report.tuned();
    if (tuned != null) {
      text.append(", accuracy ");
      if (report.dense() != null) {
        text.append(Texts.percent(report.dense().promptedFraction())).append(" -> ");
      }
      if (report.pruned() != null) {
        text.append(Texts.percent(report.pruned().promptedFraction())).append(" -> ");
      }
      text.append(Texts.percent(tuned.promptedFraction())).append(" %");
      if (tuned.prompted() != null) {
        text.append(" (without prompt ").append(Texts.percent(tuned.plainFraction())).append(" %)");
      }
    }
    text.append(", ")
        .append(Texts.plural(report.cost().gradientSteps(), "gradient step"))
        .append(", ")
        .append(Texts.duration(report.cost().seconds()));
    if (!report.warnings().isEmpty()) {
      text.append(", ").append(Texts.plural(report.warnings().size(), "warning"));
    }
    return Texts.oneLine(text.toString());
  }

  static String prompt(PromptRecord prompt) {
    return String.format(
        Locale.ROOT,
        "prompt %s %s: %s active pixels of %d x %d, %s parameters",
        prompt.kind(),
        Maps.transformValues(prompt.options(), value -> Ascii.truncate(value, 40, "...")),
        Texts.count(prompt.activePixels()),
        prompt.height(),
        prompt.width(),
        Texts.count(prompt.parameters()));
  }

  private static String layers(List<LayerRecord> layers) {
    List<List<String>> rows = new ArrayList<>();
    long size = 0;
    long kept = 0;
    for (LayerRecord layer : layers) {
      rows.add(
          List.of(
              layer.path(),
              layer.shape(),
              Texts.count(layer.kept()) + " / " + Texts.count(layer.size()),
              Texts.density(layer.density())));
      size += layer.size();
      kept += layer.kept();
    }
    rows.add(
        List.of(
            "total",
            "",
            Texts.count(kept) + " / " + Texts.count(size),
            Texts.density(density(kept, size))));
    return Texts.table(List.of("<layer", "<shape", "kept / size", "density %"), rows);
  }

  private static String accuracies(PruneReport report) {
    List<List<String>> rows = new ArrayList<>();
    accuracy(rows, "dense", report.dense());
    accuracy(rows, "-> pruned", report.pruned());
    accuracy(rows, "-> tuned", report.tuned());
    return rows.isEmpty()
        ? "accuracy not measured: no test images"
        : Texts.table(List.of("<accuracy %", "plain", "prompted", "test images"), rows);
  }

  private static void accuracy(List<List<String>> rows, String name, @Nullable Accuracy accuracy) {
    if (accuracy != null) {
      rows.add(
          List.of(
              name,
              Texts.percent(accuracy.plainFraction()),
              accuracy.prompted() == null ? "-" : Texts.percent(accuracy.promptedFraction()),
              Texts.count(accuracy.images())));
    }
  }

  private static String stages(PruneReport report) {
    boolean measured = report.stages().stream().anyMatch(stage -> stage.accuracy() != null);
    List<CostColumns.Row> costs = new ArrayList<>();
    List<List<String>> ends = new ArrayList<>();
    for (StageRecord stage : report.stages()) {
      Cost scoring = stage.scoring();
      if (scoring != null && CostColumns.isWorthALine(scoring.hasPasses(), scoring.seconds())) {
        costs.add(cost(stage.name() + ": scores", scoring));
        ends.add(List.of("", ""));
      }
      costs.add(cost(stage.name(), stage.training()));
      ends.add(end(stage));
    }
    costs.add(cost("total", report.cost()));
    ends.add(List.of("", ""));

    CostColumns columns = CostColumns.of(costs);
    List<String> header = new ArrayList<>(List.of("<cost"));
    header.addAll(columns.titles());
    if (measured) {
      header.addAll(List.of("density %", "accuracy %"));
    }
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < costs.size(); i++) {
      List<String> row = new ArrayList<>(List.of(costs.get(i).name()));
      row.addAll(columns.cells(costs.get(i)));
      if (measured) {
        row.addAll(ends.get(i));
      }
      rows.add(row);
    }
    return Texts.table(header, rows);
  }

  private static CostColumns.Row cost(String name, Cost cost) {
    return new CostColumns.Row(
        name,
        cost.gradientSteps(),
        cost.forwards(),
        cost.doubleBackwards(),
        cost.images(),
        cost.seconds());
  }

  /** Density and accuracy at the end of a stage. */
  private static List<String> end(StageRecord stage) {
    return List.of(
        stage.sparsity() == null ? "-" : Texts.density(1 - stage.sparsity()),
        stage.accuracy() == null ? "-" : Texts.percent(stage.accuracy().promptedFraction()));
  }

  static double density(long kept, long size) {
    return size == 0 ? 1 : (double) kept / size;
  }
}
