package org.vpns.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.vpns.study.Comparison.Row;
import org.vpns.study.ComparisonColumn.Kind;
import org.vpns.study.ComparisonColumn.Signs;

/** The table of the comparison, as one of accuracies and one of costs. */
record FiguresSection(
    List<Cell> header, List<Cell> costHeader, List<TableRow> table, List<String> notes)
    implements PageSection {
  /** What a phone has room for comes first. */
  private static final List<Kind> RESULTS =
      List.of(Kind.NAME, Kind.ACCURACY, Kind.RUNS, Kind.DIFFERENCE);

  record Cell(String text, boolean left) {}

  /** A row of the table of accuracies, and of that of costs. */
  record TableRow(String method, List<Cell> cells, List<Cell> costs, boolean baseline, int row) {}

  static FiguresSection of(Comparison comparison) {
    List<ComparisonColumn> columns = ComparisonColumn.of(comparison, Signs.PLUS_MINUS);
    List<ComparisonColumn> results = new ArrayList<>(ordered(columns, RESULTS));
    if (!comparison.hasRivals()) {
      results.removeIf(column -> column.kind() == Kind.DIFFERENCE); // to what?
    }
    List<ComparisonColumn> costs = ordered(columns, List.of(Kind.NAME, Kind.COST));
    return new FiguresSection(
        titles(results), titles(costs), table(comparison, results, costs), comparison.notes());
  }

  /**
   * Those of the given kinds, one kind after the other; the method first: it heads the row and
   * stays in sight when a table is scrolled.
   */
  private static List<ComparisonColumn> ordered(List<ComparisonColumn> columns, List<Kind> kinds) {
    return columns.stream()
        .filter(column -> kinds.contains(column.kind()))
        .sorted(
            Comparator.comparing((ComparisonColumn column) -> !column.words().equals("method"))
                .thenComparing(column -> kinds.indexOf(column.kind())))
        .toList();
  }

  private static List<Cell> titles(List<ComparisonColumn> columns) {
    return columns.stream()
        .map(column -> new Cell(column.words().replace("± ", "±\u00a0"), column.isLeft()))
        .toList();
  }

  private static List<TableRow> table(
      Comparison comparison, List<ComparisonColumn> results, List<ComparisonColumn> costs) {
    List<TableRow> table = new ArrayList<>();
    for (Row row : comparison.rows()) {
      table.add(
          new TableRow(
              row.method(),
              cells(row, results),
              cells(row, costs),
              row.method().equals(comparison.baseline()),
              table.size()));
    }
    return table;
  }

  /** All but the first, which is the method. */
  private static List<Cell> cells(Row row, List<ComparisonColumn> columns) {
    return columns.stream()
        .skip(1)
        .map(column -> new Cell(column.text().apply(row), column.isLeft()))
        .toList();
  }

  @Override
  public String name() {
    return "figures";
  }

  @Override
  public String link() {
    return "Figures";
  }

  @Override
  public String title() {
    return "All methods in figures";
  }

  @Override
  public boolean isEmpty() {
    return table.isEmpty();
  }
}
