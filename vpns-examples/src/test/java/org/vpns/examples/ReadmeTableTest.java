package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The table of the README is the one that the quick start wrote. */
final class ReadmeTableTest {
  private static final Path ROOT = Path.of(System.getProperty("vpns.root", ".."));

  @Test
  void table_hasTheFiguresOfTheStoredRun() throws Exception {
    List<String> readme = Files.readAllLines(ROOT.resolve("README.md"));
    List<String> stored = Files.readAllLines(ROOT.resolve("docs/quickstart-digits.csv"));
    Splitter fields = Splitter.on(',');
    List<String> names = fields.splitToList(stored.get(0));
    assertThat(stored).hasSize(13);
    for (String line : stored.subList(1, stored.size())) {
      List<String> values = fields.splitToList(line);
      String row = String.format("| %s | %s | %s | ", values.get(0), values.get(1), values.get(2));
      String accuracy =
          number(values, names, "accuracy", "%.2f")
              + " ± "
              + number(values, names, "accuracy_deviation", "%.2f");
      String difference =
          values.get(names.indexOf("difference")).isEmpty()
              ? " | - | - | "
              : " | "
                  + number(values, names, "difference", "%+.2f")
                  + " ± "
                  + number(values, names, "difference_error", "%.2f")
                  + " | "
                  + number(values, names, "image_error", "%.2f")
                  + " | within noise | ";
      assertThat(readme)
          .filteredOn(each -> each.startsWith(row))
          .singleElement()
          .asString()
          .contains(" | " + accuracy + " | ", difference);
    }
  }

  private static String number(
      List<String> values, List<String> names, String name, String format) {
    double fraction = Double.parseDouble(values.get(names.indexOf(name)));
    return String.format(Locale.ROOT, format, 100 * fraction);
  }
}
