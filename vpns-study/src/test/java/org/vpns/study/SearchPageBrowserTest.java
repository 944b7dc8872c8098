package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Sparsity;
import org.vpns.study.SearchResults.Spent;
import org.vpns.study.SearchResults.Trial;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/** The page of a search, opened and used in a real browser. */
class SearchPageBrowserTest {
  private static final Recipe ANY =
      Recipe.of(
              "any",
              Sparsity.DENSE,
              Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1)).build())
          .build();

  @TempDir static Path folder;

  private static Path page;
  private static Browser browser;

  private static Trial trial(
      String method, double rate, int width, long steps, @Nullable Double validation) {
    Map<String, String> settings =
        ImmutableMap.of(
            "score rate",
            String.valueOf(rate),
            "weight rate",
            String.valueOf(10 * rate),
            "prompt width",
            String.valueOf(width));
    String failure =
        validation == null
            ? "loss that is no number: VPNs, stage find, step 12; expected a finite loss, found"
                + " NaN; lower the learning rate."
            : null;
    return new Trial(method, settings, steps, ANY, null, validation, failure);
  }

  /** Nine settings for 33 steps, three of them for 100, one for 300; another method without. */
  private static SearchResults results() {
    List<Trial> trials = new ArrayList<>();
    trials.add(trial("VPNs", 0.03, 8, 300, 0.935));
    for (int i = 0; i < 3; i++) {
      trials.add(trial("VPNs", 0.03 / (i + 1), 8, 100, 0.9 - 0.01 * i));
    }
    for (int i = 0; i < 8; i++) {
      trials.add(trial("VPNs", 0.03 / (i + 1), 8, 33, 0.5 - 0.05 * i));
    }
    trials.add(trial("VPNs", 1e6, 16, 33, null));
    trials.add(new Trial("OMP with a rather long name", Map.of(), 300, ANY, null, 0.805, null));
    return new SearchResults(
        new SearchResults.Frame("digits", 300, 800, 200, 1_200L, true),
        trials,
        List.of(
            new Spent("VPNs", 120, 9, 13, 897, 33.1),
            new Spent("OMP with a rather long name", 1, 1, 1, 300, 4.2)));
  }

  @BeforeAll
  static void openABrowser() throws Exception {
    browser = Browser.start(folder.resolve("profile"));
    page = folder.resolve("search.html");
    results().writePage(page, "Rates for digits");
  }

  @AfterAll
  static void closeIt() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void nothingWentWrongUnseen() {
    assertThat(browser.complaints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"390, light", "390, dark", "1280, light", "1280, dark"})
  void page_fitsTheScreen_andSoDoesEveryTable(int width, String scheme) {
    browser.open(page, width, scheme);
    assertThat(browser.beside()).isEqualTo(0L);
    assertThat(browser.overfull(".scroll, th, td, .sort")).isEmpty();
    assertThat(browser.value("getComputedStyle(document.body).backgroundColor"))
        .isEqualTo(scheme.equals("dark") ? "rgb(18, 22, 28)" : "rgb(246, 247, 249)");
  }

  @Test
  void table_onAPhone_hasSettingsOnALineOfTheirOwn_andFiguresBelowTheirTitles() {
    browser.open(page, 390, "light");
    String cell = "document.querySelector('#trials %s').getBoundingClientRect()%s";
    assertThat((double) browser.value(String.format(cell, "tbody th", ".width")))
        .isGreaterThan(300);
    for (int column = 2; column <= 4; column++) {
      String title = String.format(cell, "thead th:nth-child(" + column + ")", ".right");
      String figure =
          String.format(cell, "tbody tr:last-child td:nth-child(" + column + ")", ".right");
      assertThat(browser.value(figure)).isEqualTo(browser.value(title));
    }
  }

  @Test
  void trials_tellRoundStepsAccuracyAndFate() {
    browser.open(page, 390, "light");
    assertThat(browser.texts("#chosen tbody tr:first-child > *"))
        .containsExactly(
            "VPNs", "score rate 0.03, weight rate 0.3, prompt width 8", "300", "93.50", "9 of 120");
    assertThat(browser.texts("#trials h3")).containsExactly("VPNs", "OMP with a rather long name");
    assertThat(browser.texts("#trials .scroll:first-of-type tbody tr:nth-child(1) > *"))
        .startsWith("score rate 0.03, weight rate 0.3, prompt width 8", "3", "300", "93.50")
        .endsWith("best");
    assertThat(browser.texts("#trials tbody tr:nth-child(2) > *"))
        .contains("2", "100", "90.00", "went on");
    assertThat(browser.texts("#trials tbody tr:nth-child(6) > *")).contains("1", "33", "went on");
    assertThat(browser.texts("#trials tbody tr:nth-child(8) > *")).contains("1", "33", "left");
    assertThat(browser.texts("#trials tbody tr:nth-child(13) > *"))
        .contains("1", "33", "-")
        .anyMatch(cell -> cell.startsWith("failed: loss that is no number"));
  }

  @Test
  void trials_byAClickOnATitle_areSorted_failedOnesLast() {
    browser.open(page, 390, "light");
    String title = "#trials table thead th:nth-child(4)";
    String cells = "#trials .scroll:first-of-type tbody td:nth-child(4)";

    browser.click(title + " button");
    assertThat(browser.texts(cells))
        .hasSize(13)
        .startsWith("93.50", "90.00")
        .endsWith("15.00", "-");

    browser.click(title + " button");
    assertThat(browser.texts(cells)).startsWith("15.00", "20.00").endsWith("93.50", "-");
    assertThat(browser.texts(title + "[aria-sort=ascending]")).hasSize(1);
    // the other method's table is as it was
    assertThat(browser.texts("#trials table [aria-sort]")).hasSize(1);
  }

  @Test
  void page_withoutCharts_carriesNoChartLibrary() {
    browser.open(page, 1280, "light");
    assertThat(browser.value("typeof Chart")).isEqualTo("undefined");
    assertThat(browser.texts("footer")).containsExactly("\nWritten by vpns.\n");
  }
}
