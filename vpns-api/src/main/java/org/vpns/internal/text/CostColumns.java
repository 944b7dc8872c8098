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

  /** Whether a cost is more than nothing as the columns show it. */
  public static boolean isWorthALine(boolean passes, double seconds) {
    return passes || seconds >= SHOWN;
  }

  /** Titles of the columns, without the first. */
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

  /** A name and the cells under the titles, of one run or means over several. */
  public List<String> cells(
      String name, double steps, double passes, double doubles, double images, double seconds) {
    List<String> cells = new ArrayList<>(List.of(name, Texts.count(steps)));
    if (forwards) {
      cells.add(Texts.count(passes));
    }
    if (doubleBackwards) {
      cells.add(Texts.count(doubles));
    }
    cells.add(Texts.count(images));
    cells.add(Texts.duration(seconds));
    return cells;
  }
}
