package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;

/**
 * A line for each run.
 *
 * @param count runs
 */
record RunsSection(int count, List<Title> header, List<List<Cell>> runs) implements PageSection {
  record Title(String text, boolean left) {}

  record Cell(String text, boolean left, boolean heads) {}

  /** A column: {@code -} where a run has nothing to tell. */
  private record Column(String title, boolean left, Function<PruneReport, String> text) {
    boolean tells(List<PruneReport> reports) {
      return reports.stream().anyMatch(run -> !text.apply(run).equals("-"));
    }
  }

  private static final List<Column> COLUMNS =
      List.of(
          new Column("method", true, PruneReport::recipe),
          new Column("sparsity", false, PruneReport::sparsity),
          new Column("seed", false, run -> String.valueOf(run.seed())),
          new Column("accuracy %", false, run -> Texts.percent(Comparison.accuracy(run))),
          new Column("plain %", false, run -> plain(run)),
          new Column("before tuning %", false, run -> percent(run.pruned())),
          new Column("dense %", false, run -> percent(run.dense())),
          new Column("density %", false, run -> Texts.density(run.density())),
          new Column("gradient steps", false, run -> Texts.count(run.cost().gradientSteps())),
          new Column("seconds", false, run -> Texts.seconds(run.cost().seconds())),
          new Column("warnings", false, run -> Texts.count(run.warnings().size())));

  static RunsSection of(List<PruneReport> reports) {
    List<Column> columns = COLUMNS.stream().filter(column -> column.tells(reports)).toList();
    List<List<Cell>> runs = new ArrayList<>();
    for (PruneReport run : reports) {
      runs.add(
          columns.stream()
              .map(
                  column ->
                      new Cell(
                          column.text().apply(run), column.left(), column.equals(columns.get(0))))
              .toList());
    }
    return new RunsSection(
        reports.size(),
        columns.stream().map(column -> new Title(column.title(), column.left())).toList(),
        runs);
  }

  private static String plain(PruneReport run) {
    Accuracy tuned = Comparison.tuned(run);
    return tuned.prompted() == null ? "-" : Texts.percent(tuned.plainFraction());
  }

  private static String percent(@Nullable Accuracy accuracy) {
    return accuracy == null ? "-" : Texts.percent(accuracy.promptedFraction());
  }

  @Override
  public String name() {
    return "runs";
  }

  @Override
  public String link() {
    return "Runs";
  }

  @Override
  public String title() {
    return "All runs";
  }

  @Override
  public boolean isEmpty() {
    return count < 2;
  }
}
