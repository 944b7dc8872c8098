package org.vpns.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/**
 * A comparison as one HTML file that needs nothing else: no network, no other file. It holds
 * accuracies over sparsity and over cost, what may be said, the tables of methods and of runs,
 * curves and densities per method, the learned prompts, warnings and where the results came from.
 * The same reports give the same bytes.
 */
public final class HtmlReport {
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
    write(file, title, comparison, reports, List.of());
  }

  /**
   * The same with more sections behind the findings.
   *
   * @param more sections of one's own, in their order
   */
  static void write(
      Path file,
      String title,
      Comparison comparison,
      List<PruneReport> reports,
      List<? extends PageSection> more)
      throws IOException {
    Problem.given(file, "HtmlReport.write", "file");
    Problem.given(title, "HtmlReport.write", "title");
    Problem.given(comparison, "HtmlReport.write", "comparison");
    Problem.givenEach(reports, "HtmlReport.write", "reports");
    AtomicFiles.writeText(file, render(title, comparison, reports, more));
  }

  static String render(String title, Comparison comparison, List<PruneReport> reports)
      throws IOException {
    return render(title, comparison, reports, List.of());
  }

  static String render(
      String title,
      Comparison comparison,
      List<PruneReport> reports,
      List<? extends PageSection> more)
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
    List<PageSection> sections = new ArrayList<>();
    sections.add(ChangeSection.of(runs));
    sections.add(AccuracySection.of(comparison));
    sections.add(CostSection.of(comparison));
    sections.add(FindingsSection.of(comparison));
    sections.addAll(more);
    sections.add(FiguresSection.of(comparison));
    sections.add(RunsSection.of(runs));
    sections.add(WarningsSection.of(comparison));
    sections.add(DensitySection.of(comparison));
    sections.add(MethodsSection.of(comparison));
    sections.add(ProvenanceSection.of(comparison));
    return HtmlPage.of(title, lede(comparison, runs), sections).html();
  }

  private static String lede(Comparison comparison, List<PruneReport> reports) {
    Set<String> methods = new LinkedHashSet<>();
    Set<String> sparsities = new LinkedHashSet<>();
    Set<Long> seeds = new TreeSet<>();
    Set<String> images = new LinkedHashSet<>();
    for (Row row : comparison.rows()) {
      methods.add(row.method());
      sparsities.add(Comparison.decimal(row.sparsity()).toPlainString());
      seeds.addAll(row.seeds());
    }
    reports.forEach(report -> images.add(Texts.count(Comparison.tuned(report).images())));
    return Texts.plural(reports.size(), "run")
        + ": "
        + Texts.plural(methods.size(), "method")
        + " at sparsity "
        + String.join(", ", sparsities)
        + ", "
        + Texts.plural(seeds.size(), "seed")
        + ", tested on "
        + String.join(" or ", images)
        + " images."
        + (reports.size() == 1 ? "" : " Differences are taken to " + comparison.baseline() + ".");
  }
}
