package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.vpns.internal.text.Texts;
import org.vpns.study.SearchResults.Spent;
import org.vpns.study.SearchResults.Trial;

/** The settings of each method that a search has chosen, the best method first. */
record ChosenSection(List<Row> methods) implements PageSection {
  /**
   * A method's.
   *
   * @param tried of how many settings
   */
  record Row(String method, String settings, String steps, String validation, String tried) {}

  static ChosenSection of(SearchResults results) {
    List<Row> rows = new ArrayList<>();
    for (Trial trial : results.ranking()) {
      rows.add(row(results.spent(trial.method()), trial));
    }
    return new ChosenSection(rows);
  }

  private static Row row(Spent spent, Trial chosen) {
    return new Row(
        chosen.method(),
        chosen.words(),
        Texts.count(chosen.steps()),
        chosen.accuracy(),
        Texts.count(spent.tried()) + " of " + Texts.count(spent.choices()));
  }

  @Override
  public String name() {
    return "chosen";
  }

  @Override
  public String link() {
    return "Chosen";
  }

  @Override
  public String title() {
    return "What was chosen";
  }

  @Override
  public boolean isEmpty() {
    return methods.isEmpty();
  }
}
