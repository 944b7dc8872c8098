package org.vpns.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Columns that show costs: gradient steps, images, time, and those that not every method needs.
 *
 * @param forwards whether some forward passes have no backward pass
 * @param doubleBackwards whether there are second derivatives
 */
record CostColumns(boolean forwards, boolean doubleBackwards) {
  /** Time that is no longer shown as 0.0 s. */
  private static final double SHOWN = 0.05;

  /** Those that the stages need. */
  static CostColumns of(List<StageRecord> stages) {
    List<Cost> costs = new ArrayList<>();
    for (StageRecord stage : stages) {
      costs.add(stage.training());
      costs.add(stage.scoring() == null ? Cost.NONE : stage.scoring());
    }
    return new CostColumns(
        costs.stream().anyMatch(cost -> cost.forwards() != cost.backwards()),
        costs.stream().anyMatch(cost -> cost.doubleBackwards() > 0));
  }

  /** Whether scores cost anything that the columns show. */
  static boolean isWorthALine(Cost scoring) {
    return scoring.hasPasses() || scoring.seconds() >= SHOWN;
  }

  List<String> titles() {
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

  /** A name and the cells under the titles. */
  List<String> cells(String name, Cost cost) {
    return cells(
        name,
        cost.gradientSteps(),
        cost.forwards(),
        cost.doubleBackwards(),
        cost.images(),
        cost.seconds());
  }

  /** The same of means over several runs. */
  List<String> cells(
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
