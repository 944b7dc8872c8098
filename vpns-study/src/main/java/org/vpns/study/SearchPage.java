package org.vpns.study;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.vpns.study.SearchResults.Trial;

/** What a search has tried, as one HTML file that needs nothing else. */
final class SearchPage {
  private SearchPage() {}

  /** A row of the template. */
  record Row(
      String settings, String steps, String validation, String width, String fate, boolean best) {}

  /** A section of the template. */
  record Method(String method, List<String> cells, List<Row> trials) {}

  /** All that the template names. */
  record Page(String title, List<String> notes, List<Method> methods) {}

  static String render(String title, SearchResults results) throws IOException {
    Page page = new Page(title, results.notes(), methods(results));
    return Mustache.compiler()
        .withEscaper(HtmlPage::escape)
        .emptyStringIsFalse(true)
        .strictSections(true)
        .compile(template())
        .execute(page);
  }

  private static List<Method> methods(SearchResults results) {
    List<List<String>> rows = results.trialRows();
    List<Method> methods = new ArrayList<>();
    for (List<String> spent : results.spentRows()) {
      List<Row> own = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        Trial trial = results.trials().get(i);
        if (trial.method().equals(spent.get(0))) {
          own.add(row(trial, rows.get(i)));
        }
      }
      methods.add(new Method(spent.get(0), spent.subList(1, spent.size()), own));
    }
    return methods;
  }

  private static Row row(Trial trial, List<String> cells) {
    Double accuracy = trial.validation();
    long width = accuracy == null ? 0 : Math.round(100 * accuracy);
    String fate = cells.get(4);
    return new Row(
        cells.get(1),
        cells.get(2),
        cells.get(3),
        Long.toString(width),
        fate,
        fate.equals(SearchResults.BEST));
  }

  private static String template() throws IOException {
    try (InputStream in = SearchPage.class.getResourceAsStream("search.mustache")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
