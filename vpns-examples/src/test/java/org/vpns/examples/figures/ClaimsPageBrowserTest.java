package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.examples.Said;
import org.vpns.study.Browser;

/** The page of all claims, opened in a real browser. */
class ClaimsPageBrowserTest {
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
    assertThat(browser.overfull("h2, summary, li, dt, dd, p")).isEmpty();
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
    List<?> links = (List<?>) browser.value("Array.from(document.links).map(a => a.href)");
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
