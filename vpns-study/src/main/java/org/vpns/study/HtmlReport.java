package org.vpns.study;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;

/**
 * A comparison as one HTML file that needs nothing else: no network, no other file. It holds what
 * may be said, accuracies, the table, curves and densities per method, the learned prompts,
 * warnings and where the results came from. The same reports give the same bytes.
 */
public final class HtmlReport {
  private static final String CHARTS = "/META-INF/resources/webjars/chart.js/";
  private static final String CHARTS_POM =
      "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  /** Escapes {@code < > & = '}: safe inside a script element and in XML. */
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private HtmlReport() {}

  /**
   * Writes the page; an existing file is replaced as a whole or not at all.
   *
   * @param file where to, such as {@code report.html}
   * @param title heading of the page, plain text
   * @param comparison the runs grouped
   * @param reports the runs of the comparison, all of them
   * @throws IllegalArgumentException if the reports are not those of the comparison
   * @throws IOException if the file cannot be written
   */
  public static void write(
      Path file, String title, Comparison comparison, List<PruneReport> reports)
      throws IOException {
    Problem.given(file, "HtmlReport.write", "file");
    Problem.given(title, "HtmlReport.write", "title");
    Problem.given(comparison, "HtmlReport.write", "comparison");
    Problem.givenEach(reports, "HtmlReport.write", "reports");
    AtomicFiles.writeText(file, render(title, comparison, reports));
  }

  static String render(String title, Comparison comparison, List<PruneReport> reports)
      throws IOException {
    List<PruneReport> runs = comparison.runs();
    Set<PruneReport> given = new HashSet<>(reports);
    if (given.size() != runs.size() || !given.containsAll(runs)) {
      throw Problem.argument(
          "reports differ from the comparison",
          "HtmlReport.write",
          "the " + Texts.plural(runs.size(), "run") + " it was made of",
          Texts.plural(given.size(), "report"),
          "pass the list that was given to Comparison.of");
    }
    HtmlPage page =
        HtmlPage.of(
            title,
            comparison,
            resource("report.css"),
            resource(CHARTS + chartsVersion() + "/dist/chart.umd.js"),
            resource(CHARTS + chartsVersion() + "/LICENSE.md"),
            resource("report.js"),
            GSON);
    return Mustache.compiler()
        .withEscaper(HtmlReport::escape)
        .emptyStringIsFalse(true)
        .zeroIsFalse(true)
        .strictSections(true)
        .compile(resource("report.mustache"))
        .execute(page);
  }

  /** For text and attribute values; characters that neither HTML nor XML allows become U+FFFD. */
  static String escape(String raw) {
    StringBuilder text = new StringBuilder(raw.length() + 16);
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        case '\'' -> text.append("&#39;");
        case '\n', '\t' -> text.append(c);
        default -> {
          boolean allowed =
              Character.isHighSurrogate(c)
                  ? i + 1 < raw.length() && Character.isLowSurrogate(raw.charAt(i + 1))
                  : Character.isLowSurrogate(c)
                      ? i > 0 && Character.isHighSurrogate(raw.charAt(i - 1))
                      : c >= ' ' && !(c >= 0x7f && c < 0xa0) && c < 0xfffe;
          text.append(allowed ? c : '\ufffd');
        }
      }
    }
    return text.toString();
  }

  private static String chartsVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = HtmlReport.class.getResourceAsStream(CHARTS_POM)) {
      if (in != null) {
        properties.load(in);
      }
    }
    return properties.getProperty("version", "missing");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(
            Problem.message(
                "resource missing",
                name,
                "a file on the class path",
                "none",
                "put vpns-api and org.webjars.npm:chart.js on the class path whole"));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
