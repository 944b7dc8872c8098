package org.vpns.examples.figures;

import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vpns.examples.Names;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * All figures in one study, as many have runs in common, with a page for each and one for all
 * claims.
 */
@Command(
    name = "Reproduce",
    description =
        "Runs the paper's figures and writes a page of all claims and their verdicts."
            + " Figure 9 has sparsities of its own.")
public final class Reproduce extends FigureStudy {
  private static final String INDEX = "index.html";

  @Option(
      names = "--figures",
      paramLabel = "ID",
      split = ",",
      description = "Only these, such as figure-4; without it all.")
  private @Nullable List<String> chosen;

  /** Reads no option yet. */
  public Reproduce() {
    super("out/reproduce");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Reproduce().execute(args);
  }

  static List<FigureProgram> all() {
    return List.of(
        new Figure1(),
        new Figure3(),
        new Figure4(),
        new Figure5(),
        new Figure6(),
        new Figure7(),
        new Figure8(),
        new Figure9(),
        new Figure10a(),
        new Figure10b(),
        new Figure10c(),
        new FigureA11(),
        new TableA3());
  }

  private Collection<FigureProgram> figures() {
    Map<String, FigureProgram> known = Maps.uniqueIndex(all(), FigureProgram::id);
    List<String> ids = chosen == null ? List.copyOf(known.keySet()) : chosen;
    return using(() -> Names.each("--figures", known, ids).values());
  }

  @Override
  protected Study<PruneReport> study() throws IOException {
    return study(setting());
  }

  private Study<PruneReport> study(Setting setting) {
    return figures().stream()
        .map(figure -> figure.study(figure.within(setting)))
        .reduce(Study::and)
        .orElseThrow();
  }

  @Override
  public Integer call() throws IOException {
    Setting setting = setting();
    Study<PruneReport> study = study(setting).in(out());
    Study.Results<PruneReport> results = run(study.reporting(r -> write(setting, r)));
    if (!results.byCell().isEmpty()) {
      say(write(setting, results));
      say("All claims: " + out().resolve(INDEX));
    }
    return exitCode(results);
  }

  private String write(Setting setting, Study.Results<PruneReport> results) throws IOException {
    Map<String, PruneReport> byName = new LinkedHashMap<>();
    results.byCell().forEach((cell, report) -> byName.put(cell.name(), report));
    Map<String, FigureResult> figures = new LinkedHashMap<>();
    for (FigureProgram figure : figures()) {
      Setting own = figure.within(setting);
      List<PruneReport> runs =
          figure.study(own).cells().stream()
              .map(cell -> byName.get(cell.name()))
              .filter(Objects::nonNull)
              .toList();
      if (!runs.isEmpty()) {
        Path folder = out().resolve(figure.id());
        figures.put(figure.id(), figure.write(folder, own, runs));
      }
    }
    MethodSettings settings =
        MethodSettings.of(setting.task(), setting.steps(), setting.sparsities().get(0));
    return new ClaimsPage(figures, setting, settings, soFar(results, study(setting).cells().size()))
        .write(out().resolve(INDEX), out().resolve("claims.md"));
  }

  /** The page of a study that is under way, or in which runs failed, is no page of all its runs. */
  static String soFar(Study.Results<?> results, int runs) {
    int made = results.byCell().size();
    if (made == runs) {
      return "";
    }
    int failed = results.failures().size();
    return "So far "
        + made
        + " of "
        + Texts.plural(runs, "run")
        + (failed == 0 ? "" : ", " + failed + " failed")
        + ": verdicts and figures are of these.";
  }
}
