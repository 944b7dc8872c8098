package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.examples.Said;
import org.vpns.study.Browser;
import org.vpns.study.Hypothesis;

/** The page of all claims, opened in a real browser. */
class ClaimsPageBrowserTest {
  /** Whether each word of the table stands in one piece. */
  private static final String WHOLE_WORDS =
      "Array.from(document.querySelectorAll('.verdicts td, .verdicts th')).every(cell => {"
          + " const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();"
          + " return [...text.data.matchAll(/[^\\s-]+/g)].every(word => {"
          + " const range = document.createRange(); range.setStart(text, word.index);"
          + " range.setEnd(text, word.index + word[0].length);"
          + " return range.getClientRects().length === 1; }); })";

  @TempDir static Path folder;

  private static Path page;
  private static Browser browser;

  @BeforeAll
  static void reproduceTwoFiguresAndAPicture() {
    browser = Browser.start(folder.resolve("profile"));
    Path out = folder.resolve("all");
    Said said =
        Said.of(
            new Reproduce(),
            "--figures=figure-3,figure-5,figure-a11",
            "--steps=2",
            "--seeds=1",
            "--sparsities=0.95",
            "--out=" + out);
    assertThat(said.code()).as(said.text()).isZero();
    page = out.resolve("index.html");
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
  void claims_allOfThem_areSeenWithTheirVerdicts_andNothingIsBeside(int width, String scheme)
      throws Exception {
    List<String> claims =
        Files.readAllLines(page.resolveSibling("claims.md")).stream()
            .filter(line -> line.startsWith("- **"))
            .map(line -> line.substring(2).replace("**", ""))
            .toList();
    browser.open(page, width, scheme);

    assertThat(browser.texts(".claim > summary"))
        .hasSizeGreaterThanOrEqualTo(3)
        .isEqualTo(claims)
        .allMatch(claim -> claim.startsWith("unknown: ")); // one seed
    assertThat(browser.beside()).isEqualTo(0L);
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true; }) || 0");
    assertThat(browser.beside()).as("unfolded").isEqualTo(0L);
    assertThat(browser.overfull("h2, summary, li, dt, dd, p, th, td")).isEmpty();
    List<?> colours =
        (List<?>)
            browser.value(
                "[getComputedStyle(document.body).color,"
                    + " getComputedStyle(document.body).colorScheme]");
    assertThat(colours.get(1)).isEqualTo("light dark");
    assertThat(colours.get(0))
        .isEqualTo(scheme.equals("dark") ? "rgb(255, 255, 255)" : "rgb(0, 0, 0)");
  }

  @Test
  void links_leadToPagesThatAreThere_andPicturesAreShown() {
    browser.open(page, 1280, "light");
    List<?> links =
        (List<?>) browser.value("Array.from(document.querySelectorAll('h2 > a')).map(a => a.href)");
    assertThat(links)
        .hasSize(3)
        .allSatisfy(link -> assertThat(Path.of(URI.create((String) link))).isRegularFile());
    assertThat(
            browser.value(
                "Array.from(document.images).map(i => i.complete && i.naturalWidth > 0).join()"))
        .isEqualTo("true");
    browser.open(Path.of(URI.create((String) links.get(1))), 1280, "light");
    assertThat(browser.texts("h1")).first().asString().startsWith("Figure 5: ");
  }

  /** Who opens the page sees first what came out, and can find out what the words mean. */
  @ParameterizedTest
  @CsvSource({"390", "1280"})
  void table_ofVerdicts_hasEveryClaim_withWhatItsWordsMean(int width) {
    browser.open(page, width, "dark");
    List<String> claims = browser.texts(".claim > summary");

    List<String> rows = new ArrayList<>();
    List<String> cells = browser.texts(".verdicts tbody td");
    for (int i = 0; i < cells.size(); i += 3) {
      rows.add(cells.get(i + 2) + ": " + cells.get(i + 1));
    }
    assertThat(rows).isEqualTo(claims);
    assertThat(browser.value(WHOLE_WORDS)).as("no word is cut").isEqualTo(true);
    assertThat(browser.texts(".counts")).containsExactly(claims.size() + " claims: 3 unknown.");
    assertThat(browser.texts(".setting"))
        .singleElement()
        .asString()
        .startsWith("Task few-digits (short form: 2 gradient steps per stage in place of 150,")
        .endsWith("; sparsities 0.95; seeds 1.");
    // titles do not repeat that
    assertThat(browser.texts("h2")).noneMatch(title -> title.contains("few-digits"));
    browser.click(".reading > summary");
    assertThat(browser.texts(".reading dt"))
        .containsAll(Stream.of(Hypothesis.Verdict.values()).map(Object::toString).toList());
    assertThat(browser.beside()).isEqualTo(0L);
    browser.click(".verdicts a[href='#figure-a11']");
    assertThat(browser.value("location.hash")).isEqualTo("#figure-a11");
    assertThat(browser.texts("[id='figure-a11']"))
        .containsExactly("Figure A11: where the prompt is");
    // what all figures note stands once
    assertThat(browser.texts("li"))
        .filteredOn(note -> note.startsWith("All seeds have the same 200 training images"))
        .hasSize(1);
  }

  @Test
  void settings_ofEveryMethod_unfold() {
    browser.open(page, 390, "light");
    assertThat(browser.texts("h2")).last().isEqualTo("Table A2: settings of every method");
    assertThat(browser.texts(".settings > summary"))
        .contains("OMP", "VPNs", "HYDRA, mask of the source");
    assertThat(browser.texts(".settings dd")).isEmpty();
    browser.click(".settings:last-of-type > summary");
    assertThat(browser.texts(".settings dd")).contains("0.95");
  }
}
