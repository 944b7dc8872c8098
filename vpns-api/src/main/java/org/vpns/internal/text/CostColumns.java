package org.vpns.internal.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Columns that show costs: gradient steps, images, time, and those that not every method needs.
 *
 * @param forwards whether some forward passes have no backward pass
 * @param doubleBackwards whether there are second derivatives
 */
public record CostColumns(boolean forwards, boolean doubleBackwards) {
  /** Time that is no longer shown as 0.0 s. */
  private static final double SHOWN = 0.05;

  /** A cost under its name, of one run or means over several. */
  public record Row(
      String name,
      double gradientSteps,
      double forwards,
      double doubleBackwards,
      double images,
      double seconds) {}

  /** The columns that these rows need. */
  public static CostColumns of(List<Row> rows) {
    return new CostColumns(
        rows.stream().anyMatch(row -> row.forwards() != row.gradientSteps()),
        rows.stream().anyMatch(row -> row.doubleBackwards() > 0));
  }

  /** Whether a cost is more than nothing as the columns show it. */
  public static boolean isWorthALine(boolean passes, double seconds) {
    return passes || seconds >= SHOWN;
  }

  /** Titles of the columns, without that of the names. */
  public List<String> titles() {
    List<String> titles = new ArrayList<>(List.of("gradient steps"));
    if (forwards) {
      titles.add("forwards");
    }
    if (doubleBackwards) {
      titles.add("double backwards");
    }
    titles.addAll(List.of("images", "time"));
    return titles;
  }

  /** The cells under the titles. */
  public List<String> cells(Row row) {
    List<String> cells = new ArrayList<>(List.of(Texts.count(row.gradientSteps())));
    if (forwards) {
      cells.add(Texts.count(row.forwards()));
    }
    if (doubleBackwards) {
      cells.add(Texts.count(row.doubleBackwards()));
    }
    cells.add(Texts.count(row.images()));
    cells.add(Texts.duration(row.seconds()));
    return cells;
  }
}
