package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.text.Texts;
import org.vpns.report.Accuracy;
import org.vpns.report.EpochRecord;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.testing.SampleReports;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final String HOSTILE =
      "</script><script>alert(1)</script><!-- ]]> & \"M\" 'x' \u0001\u202egpj.\u2066";

  /** What scripts get of it: nothing that turns the direction of writing. */
  private static final String READ = HOSTILE.replaceAll("[\u202e\u2066]", "\ufffd");

  /** The same as a reader sees it: control characters cannot be shown. */
  private static final String SHOWN = READ.replace('\u0001', '\ufffd');

  /**
   * The page is written so that it is well-formed XML too, which any unescaped text would break.
   */
  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static String render(String title, List<PruneReport> reports, String baseline)
      throws Exception {
    return HtmlReport.render(title, Comparison.of(reports, baseline), reports);
  }

  private static JsonObject data(Document page) {
    Element data =
        elements(page, "script").stream()
            .filter(e -> e.getAttribute("id").equals("data"))
            .findFirst()
            .orElseThrow();
    return JsonParser.parseString(data.getTextContent()).getAsJsonObject();
  }

  @Test
  void page_experiment_isWellFormedAndHoldsEverything() throws Exception {
    List<PruneReport> reports = SampleReports.experiment(List.of("0.99"), 1, 2, 3);
    Comparison comparison = Comparison.of(reports, "HYDRA");
    String html = HtmlReport.render("Methods compared", comparison, reports);
    Document page = parse(html);
    String text = page.getDocumentElement().getTextContent();

    assertThat(elements(page, "h1").get(0).getTextContent()).isEqualTo("Methods compared");
    for (Claims.Claim claim : Claims.of(comparison)) {
      assertThat(text).contains(claim.headline()).contains(claim.standing());
    }
    assertThat(comparison.notes()).allSatisfy(note -> assertThat(text).contains(note));
    for (PruneReport report : reports) {
      assertThat(text).contains(report.recipe());
      assertThat(report.warnings()).allSatisfy(warning -> assertThat(text).contains(warning));
      report.layers().forEach(layer -> assertThat(text).contains(layer.path(), layer.shape()));
      report.provenance().forEach((name, value) -> assertThat(text).contains(name, value));
    }
    assertThat(text).contains("Permission is hereby granted").contains("Chart.js v4");
    assertThat(
            elements(page, "details").stream().filter(e -> e.getAttribute("class").equals("arm")))
        .as("one section per method, not per run")
        .hasSize(11);
    assertThat(html.length()).as("characters of 33 runs").isLessThan(1_000_000);
  }

  @Test
  void page_charts_haveATextAlternative() throws Exception {
    Document page =
        parse(render("t", SampleReports.experiment(List.of("0.9", "0.99"), 1, 2), "HYDRA"));
    List<Element> charts = elements(page, "canvas");
    assertThat(charts)
        .as("curves, costs, densities, one per sparsity, two per arm")
        .hasSize(3 + 2 + 2 * 22);
    assertThat(charts)
        .allSatisfy(
            chart -> {
              assertThat(chart.getAttribute("role")).isEqualTo("img");
              assertThat(chart.getAttribute("aria-label")).endsWith(".").matches(".*\\d.*");
            });
    assertThat(elements(page, "img"))
        .hasSize(4)
        .allSatisfy(image -> assertThat(image.getAttribute("alt")).contains("values from -"));
    assertThat(elements(page, "th"))
        .allSatisfy(cell -> assertThat(cell.getAttribute("scope")).isIn("col", "row"));
  }

  @Test
  void page_references_leadNowhereElse() throws Exception {
    String html = render("t", SampleReports.experiment(List.of("0.99"), 1), "HYDRA");
    NodeList all = parse(html).getElementsByTagName("*");
    int seen = 0;
    for (int i = 0; i < all.getLength(); i++) {
      for (String name : List.of("src", "href", "srcset", "action", "data", "poster")) {
        String value = ((Element) all.item(i)).getAttribute(name);
        if (!value.isEmpty()) {
          seen++;
          assertThat(value).matches("(?s)data:image/png;base64,.*|#[a-z]+");
        }
      }
    }
    assertThat(seen).as("links and pictures").isGreaterThan(6);
    String style = elements(parse(html), "style").get(0).getTextContent();
    assertThat(style).doesNotContain("url(").doesNotContain("@import");
    assertThat(html).contains("default-src 'none'");
  }

  @Test
  void page_hostileNames_stayText() throws Exception {
    PruneReport sample = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);
    PruneReport hostile =
        new PruneReport(
            HOSTILE,
            "0.99",
            7,
            10,
            5,
            20,
            List.of(new LayerRecord(HOSTILE, HOSTILE, 10, 5)),
            null,
            null,
            new Accuracy(10, 5, 6),
            List.of(
                new StageRecord(
                    HOSTILE,
                    1,
                    1,
                    1,
                    List.of(Double.NaN, 1.0),
                    List.of(new EpochRecord(0, 1, Double.NaN, Double.NaN, null)),
                    0)),
            new int[0][],
            new PromptRecord(HOSTILE, Map.of(HOSTILE, HOSTILE), 1, 1, 1, 1, 1, new float[] {1}),
            List.of(HOSTILE),
            Map.of(HOSTILE, HOSTILE),
            null);
    List<PruneReport> reports = List.of(sample, hostile);
    Document page = parse(render(HOSTILE, reports, sample.recipe()));

    assertThat(elements(page, "script")).hasSize(3);
    assertThat(elements(page, "title").get(0).getTextContent()).isEqualTo(SHOWN);
    assertThat(elements(page, "th")).extracting(Element::getTextContent).contains(SHOWN);
    assertThat(elements(page, "dd")).extracting(Element::getTextContent).contains(SHOWN);
    String name =
        data(page)
            .getAsJsonObject("accuracy")
            .getAsJsonArray("overviews")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("points")
            .get(1)
            .getAsJsonObject()
            .get("method")
            .getAsString();
    assertThat(name).isEqualTo(READ);
    assertThat(page.getDocumentElement().getTextContent())
        .doesNotContain("\u202e", "\u2066")
        .contains("not finite and not drawn: 1 of 2 with seed 7");
  }

  @Test
  void page_data_staysSmall() throws Exception {
    List<PruneReport> reports = SampleReports.experiment(List.of("0.99"), 1, 2, 3);
    JsonObject data = data(parse(render("t", reports, "HYDRA")));
    data.getAsJsonArray("methods")
        .forEach(
            arm ->
                arm.getAsJsonObject()
                    .getAsJsonArray("losses")
                    .forEach(
                        curve ->
                            assertThat(curve.getAsJsonObject().getAsJsonArray("points").size())
                                .isBetween(100, 300)));
  }

  @Test
  void page_largePrompts_areLeftOutInWordsBeforeItGrowsTooLarge() throws Exception {
    List<PruneReport> reports = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 8; i++) {
      float[] picture = new float[3 * 224 * 224];
      for (int k = 0; k < picture.length; k++) {
        picture[k] = (float) random.nextGaussian();
      }
      PruneReport base = SampleReports.minimal("M" + i, "0.9", 1, 500 + i, 510, 10);
      reports.add(
          new PruneReport(
              base.recipe(),
              base.sparsity(),
              1,
              100,
              10,
              120,
              List.of(),
              null,
              null,
              base.tuned(),
              base.stages(),
              base.mapping(),
              new PromptRecord("pad", Map.of(), 3, 224, 224, 50176, 150528, picture),
              List.of(),
              Map.of(),
              null));
    }
    String html = render("t", reports, "M0");
    assertThat(html.length()).isLessThan(2_000_000);
    List<Element> images = elements(parse(html), "img");
    assertThat(images).hasSizeBetween(2, 7);
    assertThat(html.split("picture is left out", -1)).hasSize(8 - images.size() + 1);
  }

  @Test
  void page_oneBareRun_isWellFormed() throws Exception {
    PruneReport run = SampleReports.minimal("R", "0.9", 1, 500, null, 10);
    String html = render("One run", List.of(run), "R");
    assertThat(elements(parse(html), "canvas")).as("no chart of one dot").isEmpty();
    assertThat(html).doesNotContain("id=\"findings\"").doesNotContain("id=\"warnings\"");
    assertThat(html).doesNotContain(">null<").doesNotContain("NaN %");
  }

  @Test
  void page_oneRun_tellsBeforeAndAfter() throws Exception {
    PruneReport run =
        SampleReports.run(SampleReports.ARMS.get(0), "0.99", 1)
            .multiplyAdds(40_551_040, 10_137_760)
            .bytes(1_089_544, 161_232);
    Document page = parse(render("One run", List.of(run), run.recipe()));
    Element table =
        elements(page, "table").stream()
            .filter(e -> e.getAttribute("class").equals("changes"))
            .findFirst()
            .orElseThrow();
    long removed = run.prunable() - run.kept();
    assertThat(table.getTextContent())
        .contains(
            Texts.percent(run.dense().promptedFraction()),
            Texts.percent(run.pruned().promptedFraction()),
            Texts.percent(run.tuned().promptedFraction()),
            Texts.count(run.prunable()),
            Texts.count(run.kept()),
            Texts.count(run.parameters()),
            Texts.count(run.parameters() - removed),
            "40,551,040",
            "10,137,760",
            "1,089,544",
            "161,232");
    assertThat(page.getDocumentElement().getTextContent())
        .doesNotContain("Differences are taken", "A difference is")
        .doesNotContain("vs " + run.recipe())
        .doesNotContain("verdict");
  }

  @Test
  void page_smallerNetwork_tellsItsChannels() throws Exception {
    PruneReport run =
        SampleReports.run(SampleReports.ARMS.get(0), "0.99", 1)
            .channels(SampleReports.channels(HOSTILE));
    Document page = parse(render("One run", List.of(run), run.recipe()));
    Element table =
        elements(page, "table").stream()
            .filter(e -> e.getTextContent().contains("remark"))
            .findFirst()
            .orElseThrow();
    assertThat(rows(table).subList(1, 5))
        .containsExactly(
            List.of(
                SHOWN,
                "8 → 4",
                "3,456 → 1,728",
                "216 → 108",
                "864 → 432",
                "asked for 5: at least 4 stay"),
            List.of("fc", "5", "20", "20", "80", "stays: result"),
            List.of("other layers", "", "4,608 → 2,304", "288 → 144", "1,152 → 576", ""),
            List.of("network", "13 → 9", "8,084 → 4,052", "524 → 272", "2,096 → 1,088", ""));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("Asked: 0.5 of the channels to leave; obtained: 4 of 12 leave.");
  }

  /** Two tables, each as wide as a screen, say together what the one of text says. */
  @Test
  void page_comparison_hasCostsInATableOfTheirOwn() throws Exception {
    List<PruneReport> reports = new ArrayList<>();
    for (PruneReport run : SampleReports.experiment(List.of("0.9", "0.99"), 1, 2)) {
      reports.add(run.multiplyAdds(1000, 250));
    }
    Document page = parse(render("t", reports, "HYDRA"));
    List<List<List<String>>> tables = new ArrayList<>();
    for (Element table : elements(page, "table")) {
      if (table.getAttribute("class").startsWith("compare")) {
        tables.add(rows(table));
      }
    }
    assertThat(tables).hasSize(2);
    List<List<String>> costs = tables.get(1);
    assertThat(costs.get(0))
        .containsExactly(
            "method",
            "sparsity",
            "epochs",
            "gradient steps",
            "seconds",
            "multiply-adds, % of dense");
    assertThat(tables.get(0).get(0)).last().isEqualTo("verdict");
    assertThat(tables.get(0)).hasSize(23).hasSameSizeAs(costs);
    for (int i = 1; i < costs.size(); i++) {
      assertThat(costs.get(i).subList(0, 2)).isEqualTo(tables.get(0).get(i).subList(0, 2));
      assertThat(costs.get(i)).last().isEqualTo("25.00");
    }
  }

  private static List<List<String>> rows(Element table) {
    List<List<String>> rows = new ArrayList<>();
    NodeList found = table.getElementsByTagName("tr");
    for (int i = 0; i < found.getLength(); i++) {
      List<String> cells = new ArrayList<>();
      for (Node cell = found.item(i).getFirstChild(); cell != null; cell = cell.getNextSibling()) {
        cells.add(cell.getTextContent());
      }
      rows.add(cells);
    }
    return rows;
  }

  /** Method, sparsity, accuracy: what a phone has room for. Charts know the rows of the table. */
  @Test
  void page_comparison_hasAccuracyEarly_andOneOrderForTableAndCharts() throws Exception {
    List<PruneReport> reports = SampleReports.experiment(List.of("0.9", "0.99"), 1, 2);
    Document page = parse(render("t", reports, "HYDRA"));
    List<String> titles =
        elements(page, "th").stream().map(Element::getTextContent).limit(4).toList();
    assertThat(titles.subList(0, 2)).containsExactly("method", "sparsity");
    assertThat(titles.get(2)).startsWith("accuracy %");
    List<String> methods = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    for (Element row : elements(page, "tr")) {
      if (row.hasAttribute("data-row")) {
        assertThat(row.getAttribute("data-row")).isEqualTo("row" + rows.size());
        rows.add(row.getElementsByTagName("th").item(0).getTextContent());
      }
    }
    data(page)
        .getAsJsonObject("accuracy")
        .getAsJsonArray("overviews")
        .forEach(
            view ->
                view.getAsJsonObject()
                    .getAsJsonArray("points")
                    .forEach(
                        point -> {
                          int row = point.getAsJsonObject().get("row").getAsInt();
                          methods.add(rows.get(row));
                          assertThat(point.getAsJsonObject().get("method").getAsString())
                              .isEqualTo(rows.get(row));
                        }));
    assertThat(methods).hasSize(rows.size()).hasSize(22);
  }

  @Test
  void write_sameReports_sameBytesInPlaceOfTheOldFile(@TempDir Path folder) throws Exception {
    List<PruneReport> reports = SampleReports.experiment(List.of("0.99"), 1);
    Path first = folder.resolve("a.html");
    Path second = folder.resolve("b.html");
    Files.writeString(first, "old");
    HtmlReport.write(first, "t", Comparison.of(reports, "OMP"), reports);
    HtmlReport.write(second, "t", Comparison.of(reports, "OMP"), reports);
    assertThat(first).hasSameBinaryContentAs(second);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void write_otherReports_isRejected() {
    List<PruneReport> reports = SampleReports.experiment(List.of("0.99"), 1, 2);
    Comparison comparison = Comparison.of(reports, "OMP");
    assertThatThrownBy(() -> HtmlReport.render("t", comparison, reports.subList(1, 22)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("reports differ from the comparison: HtmlReport.write; expected");
  }
}
