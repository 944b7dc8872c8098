package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;

/** The page of a study, opened and used in a real browser. */
class ResultsPageBrowserTest {
  private static final List<String> SPARSITIES =
      List.of("0.5", "0.7", "0.8", "0.9", "0.95", "0.98", "0.99", "0.995", "0.998", "0.999");

  /** Ten methods at ten sparsities with five seeds. */
  private static final List<PruneReport> REPORTS =
      SampleReports.experiment(SPARSITIES, 1, 2, 3, 4, 5).stream()
          .filter(run -> !run.recipe().equals("BiP"))
          .toList();

  @TempDir static Path folder;

  private static Path page;
  private static Browser browser;

  @BeforeAll
  static void openABrowser() throws Exception {
    browser = Browser.start(folder.resolve("profile"));
    assertThat(REPORTS).hasSize(500);
    page = write("study.html", REPORTS, "HYDRA");
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
    assertThat(
            browser.value(
                "performance.getEntriesByType('resource')"
                    + ".filter(entry => !entry.name.startsWith('data:')).length"))
        .as("files loaded beside the page")
        .isEqualTo(0L);
  }

  /** No part of the page is wider than the screen. */
  private static void assertNothingBeside() {
    assertThat(browser.beside()).isEqualTo(0L);
  }

  private static Path write(String name, List<PruneReport> reports, String baseline)
      throws Exception {
    Path file = folder.resolve(name);
    HtmlReport.write(file, "Methods compared", Comparison.of(reports, baseline), reports);
    return file;
  }

  @ParameterizedTest
  @CsvSource({"390, light", "390, dark", "1280, light", "1280, dark"})
  void page_ofFiveHundredRuns_fitsTheScreen_andDraws(int width, String scheme) {
    browser.open(page, width, scheme);
    assertNothingBeside();
    browser.value("new Promise(done => setTimeout(() => done(1), 300))"); // charts take their size
    for (String chart : List.of("curves", "costs", "densities")) {
      assertThat(
              ((Number) browser.value("Chart.getChart('" + chart + "').chartArea.height"))
                  .doubleValue())
          .as("height of %s beside the names of layers and methods", chart)
          .isGreaterThan(250);
      Browser.Drawing drawing = browser.drawing(chart);
      assertThat(drawing.pixels()).as(chart).isGreaterThan(5_000);
      assertThat(drawing.colours()).as("ten methods and the axes of %s", chart).isGreaterThan(10);
    }
    assertThat(browser.value("getComputedStyle(document.body).backgroundColor"))
        .isEqualTo(scheme.equals("dark") ? "rgb(18, 22, 28)" : "rgb(246, 247, 249)");
  }

  @ParameterizedTest
  @CsvSource({"390", "1280"})
  void page_withEverythingUnfolded_fitsTheScreen(int width) throws Exception {
    browser.open(write("small.html", REPORTS.subList(0, 100), "HYDRA"), width, "light");
    browser.click(".buttons [data-open=true]");
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true; }) || 0");
    assertNothingBeside();
  }

  /** Of what the table may be ordered by the longest is named by the baseline. */
  @Test
  void baseline_withALongName_fitsAPhone() throws Exception {
    List<PruneReport> runs = new ArrayList<>();
    for (String method : List.of("HYDRA, mask of the source", "VPNs, mask of the source")) {
      runs.add(SampleReports.minimal(method, "0.95", 1, 500, null, 100));
      runs.add(SampleReports.minimal(method, "0.95", 2, 600, null, 100));
    }
    browser.open(write("baseline.html", runs, "HYDRA, mask of the source"), 390, "light");
    assertThat(browser.overfull(".reader")).isEmpty();
    assertNothingBeside();
  }

  /** As many as a comparison of all methods has, with its longest names. */
  @Test
  void names_ofThirtyMethods_areAllBelowAChart_whichKeepsItsSize() throws Exception {
    List<PruneReport> runs = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      String name = "VPNs " + i + (i % 2 == 0 ? "" : " (smaller images without prompt)");
      for (String sparsity : List.of("0.9", "0.99")) {
        runs.add(SampleReports.minimal(name, sparsity, 1, 1000 - i, null, 100 + i));
      }
    }
    browser.open(write("names.html", runs, "VPNs 0"), 390, "light");
    for (String chart : List.of("curves", "costs")) {
      String of = "Chart.getChart('" + chart + "')";
      assertThat(browser.value(of + ".legend.legendItems.length")).isEqualTo(30L);
      assertThat(browser.value(of + ".legend.lineWidths.length")).isNotIn(0L, 1L, 2L);
      assertThat(
              browser.value(
                  of + ".legend.legendHitBoxes.every(b => b.top + b.height <= " + of + ".height)"))
          .as("all names of %s", chart)
          .isEqualTo(true);
      assertThat(((Number) browser.value(of + ".chartArea.height")).doubleValue())
          .as("height of %s", chart)
          .isGreaterThan(250);
      assertThat(browser.value(of + ".scales.y.max")).as("largest accuracy").isEqualTo(100L);
    }
    assertNothingBeside();
  }

  /** Random masks, and the first epochs of many. */
  @Test
  void accuracies_nearNothing_haveNoAxisBelowIt() throws Exception {
    List<PruneReport> runs = new ArrayList<>();
    for (String sparsity : List.of("0.9", "0.99")) {
      runs.add(SampleReports.minimal("Random", sparsity, 1, 0, null, 100));
      runs.add(SampleReports.minimal("HYDRA", sparsity, 1, 400, null, 200));
    }
    browser.open(write("low.html", runs, "HYDRA"), 390, "light");
    for (String chart : List.of("curves", "costs")) {
      assertThat(browser.value("Chart.getChart('" + chart + "').scales.y.min"))
          .as("smallest accuracy of %s", chart)
          .isEqualTo(0L);
    }
  }

  /** Of two runs one standard deviation goes beyond both. */
  @Test
  void deviations_areWithinTheAxes() throws Exception {
    List<PruneReport> runs = new ArrayList<>();
    for (String method : List.of("HYDRA", "OMP")) {
      runs.add(SampleReports.minimal(method, "0.9", 1, 500, null, 100));
      runs.add(SampleReports.minimal(method, "0.9", 2, 600, null, 100));
    }
    browser.open(write("wide.html", runs, "HYDRA"), 390, "light");
    for (String axis : List.of("costs').scales.y", "overview0').scales.x")) {
      assertThat(((Number) browser.value("Chart.getChart('" + axis + ".min")).doubleValue())
          .as("smallest accuracy of '%s", axis)
          .isLessThan(55 - 7.07);
      assertThat(((Number) browser.value("Chart.getChart('" + axis + ".max")).doubleValue())
          .as("largest accuracy of '%s", axis)
          .isGreaterThan(55 + 7.07);
    }
  }

  @Test
  void page_ofOneRun_fitsAPhone() throws Exception {
    PruneReport run = REPORTS.get(0);
    browser.open(write("one.html", List.of(run), run.recipe()), 390, "dark");
    assertNothingBeside();
    assertThat(browser.drawing("arm0-loss").pixels()).isGreaterThan(1_000);
  }

  @Test
  void runs_bySortedColumn_beginWithTheLargestThenTheSmallest() {
    browser.open(page, 1280, "light");
    assertThat(browser.texts("#runs-shown")).containsExactly("1 to 50 of 500");
    int column = browser.texts(".all-runs thead th").indexOf("accuracy %") + 1;
    String title = ".all-runs thead th:nth-child(" + column + ")";
    List<String> ascending =
        REPORTS.stream()
            .sorted(Comparator.comparingDouble(Comparison::accuracy))
            .map(run -> Texts.percent(Comparison.accuracy(run)))
            .toList();

    browser.click(title + " button");
    List<String> cells = browser.texts(".all-runs tbody tr :nth-child(" + column + ")");
    assertThat(cells).hasSize(50).first().isEqualTo(ascending.get(499));
    assertThat(cells.get(49)).isEqualTo(ascending.get(450));
    assertThat(browser.texts(title + "[aria-sort=descending]")).hasSize(1);

    browser.click(title + " button");
    cells = browser.texts(".all-runs tbody tr :nth-child(" + column + ")");
    assertThat(cells).isEqualTo(ascending.subList(0, 50));
    assertThat(browser.texts(title + "[aria-sort=ascending]")).hasSize(1);

    browser.click(".pager [data-step='1']");
    assertThat(browser.texts("#runs-shown")).containsExactly("51 to 100 of 500");
    assertThat(browser.texts(".all-runs tbody tr :nth-child(" + column + ")"))
        .isEqualTo(ascending.subList(50, 100));
  }

  @Test
  void runs_byWords_areThoseThatHaveThemAll() {
    browser.open(page, 390, "light");
    browser.type("#runs-filter", "SNIP 0.998");
    assertThat(browser.texts("#runs-shown")).containsExactly("1 to 5 of 5");
    assertThat(browser.texts(".all-runs tbody th")).hasSize(5).containsOnly("SNIP");
    browser.type("#runs-filter", "no such method");
    assertThat(browser.texts("#runs-shown")).containsExactly("none of 500");
    assertThat(browser.texts(".all-runs tbody tr")).isEmpty();
  }

  @Test
  void methods_byName_areLeftInTablesChartsAndDetails() {
    browser.open(page, 1280, "light");
    Browser.Drawing all = browser.drawing("curves");
    browser.type("#filter", "GraSP");
    assertThat(browser.texts(".compare tbody tr[data-row] th")).hasSize(10).containsOnly("GraSP");
    assertThat(browser.texts(".arm .name")).hasSize(10).containsOnly("GraSP");
    assertThat(browser.drawing("curves").digest()).isNotEqualTo(all.digest());
    browser.type("#filter", " ");
    assertThat(browser.texts(".arm .name")).hasSizeGreaterThan(10);
  }

  @Test
  void costs_ofAnotherSparsityAndUnit_areDrawnAnew() {
    browser.open(page, 1280, "light");
    Browser.Drawing first = browser.drawing("costs");
    browser.value(
        "(s => { s.selectedIndex = 1; s.dispatchEvent(new Event('change')); return 1; })"
            + "(document.getElementById('cost-of'))");
    assertThat(browser.drawing("costs").digest()).isNotEqualTo(first.digest());
  }

  @Test
  void scheme_thatChangesWhileThePageIsOpen_changesTheCharts() {
    browser.open(page, 1280, "light");
    Browser.Drawing light = browser.drawing("curves");
    browser.scheme("dark");
    browser.value("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(1))))");
    assertThat(browser.drawing("curves").digest()).isNotEqualTo(light.digest());
  }

  @Test
  void overviews_areDrawnWhenTheyAreUnfolded() {
    browser.open(page, 1280, "light");
    assertThat(browser.texts("#overview0")).isEmpty();
    browser.click("details.drawn > summary");
    browser.value(
        "new Promise(done => { const look = () => Chart.getChart('overview0')"
            + " ? done(1) : requestAnimationFrame(look); look(); })");
    assertThat(browser.drawing("overview0").pixels()).isGreaterThan(2_000);
  }
}
