package org.vpns.study;

import java.util.List;
import org.vpns.internal.text.Texts;
import org.vpns.study.SearchResults.Spent;
import org.vpns.study.SearchResults.Trial;

/** All that a search has tried, a table for each method. */
record TrialsSection(List<Method> methods) implements PageSection {
  /**
   * A method.
   *
   * @param took a sentence
   */
  record Method(String method, String took, List<Row> trials) {}

  /**
   * A run.
   *
   * @param round of successive halving, the shortest runs first
   * @param width of its bar in percent
   */
  record Row(
      String settings,
      String round,
      String steps,
      String validation,
      String width,
      String fate,
      boolean best) {}

  static TrialsSection of(SearchResults results) {
    return new TrialsSection(
        results.spent().stream()
            .map(
                spent ->
                    new Method(
                        spent.method(),
                        took(spent),
                        results.trials().stream()
                            .filter(trial -> trial.method().equals(spent.method()))
                            .map(trial -> row(results, trial))
                            .toList()))
            .toList());
  }

  private static String took(Spent spent) {
    return Texts.count(spent.tried())
        + " of "
        + Texts.plural(spent.choices(), "setting")
        + " tried in "
        + Texts.plural(spent.runs(), "run")
        + ": "
        + Texts.plural(spent.gradientSteps(), "gradient step")
        + ", "
        + Texts.seconds(spent.seconds())
        + " seconds.";
  }

  private static Row row(SearchResults results, Trial trial) {
    String fate = results.fate(trial);
    Double accuracy = trial.validation();
    return new Row(
        trial.words(),
        Texts.count(results.round(trial)),
        Texts.count(trial.steps()),
        trial.accuracy(),
        Long.toString(accuracy == null ? 0 : Math.round(100 * accuracy)),
        fate,
        fate.equals(SearchResults.BEST));
  }

  @Override
  public String name() {
    return "trials";
  }

  @Override
  public String link() {
    return "Tried";
  }

  @Override
  public String title() {
    return "What was tried";
  }

  @Override
  public boolean isEmpty() {
    return methods.isEmpty();
  }
}
