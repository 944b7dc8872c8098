package org.vpns.examples.compare;

import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Sparsity;
import org.vpns.examples.Names;
import org.vpns.examples.StudyProgram;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.Study;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * All methods on one task, several sparsities and seeds: a table with costs as Markdown and CSV,
 * and a page, written after every seed. The report of every run is kept; a comparison that was
 * stopped goes on when it is started again in the same folder.
 */
@Command(name = "CompareMethods", description = "Compares all pruning methods on one task.")
public final class CompareMethods extends StudyProgram<PruneReport> {
  @Mixin private TaskOptions options = new TaskOptions(DigitsTask.NAME);

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      description = "Sparsities, separated by commas (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.5,0.8,0.9,0.95,0.98")
  private List<Sparsity> sparsities = List.of();

  @Option(
      names = "--methods",
      paramLabel = "NAME",
      split = ",",
      description = "Only these methods, as the table calls them, separated by commas.")
  private @Nullable List<String> methods;

  private static final String BASELINE = "HYDRA";

  /** Reads no option yet. */
  public CompareMethods() {
    super("out/compare-TASK", 3);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new CompareMethods().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    ComparisonTask chosen = task();
    Path folder = isGiven("--out") ? out() : Path.of("out", "compare-" + chosen.name());
    return exitCode(
        run(
            study(chosen)
                .in(folder)
                .reporting(results -> write(folder, chosen, results.results()))));
  }

  @Override
  protected Study<PruneReport> study() {
    return study(task());
  }

  private long steps(ComparisonTask chosen) {
    return using(() -> options.steps(chosen));
  }

  private List<Sparsity> sparsities() {
    return using(() -> Names.listed("--sparsities", options.sparsities(sparsities)));
  }

  private ComparisonTask task() {
    return using(options::open);
  }

  private Study<PruneReport> study(ComparisonTask chosen) {
    ArmTable arms = MethodArms.of(chosen, steps(chosen));
    List<Study.Arm<PruneReport>> compared = new ArrayList<>();
    for (String name : names(arms)) {
      compared.add((sparsity, seed) -> arms.run(name, sparsity, seed));
    }
    return Study.of(compared).sparsities(sparsities()).seeds(seeds()).on(chosen);
  }

  private Set<String> names(ArmTable arms) {
    Map<String, String> all = Maps.asMap(arms.names(), name -> name);
    List<String> chosen = methods == null ? List.copyOf(arms.names()) : methods;
    return using(() -> Names.each("--methods", all, chosen).keySet());
  }

  private void write(Path folder, ComparisonTask task, List<PruneReport> reports)
      throws IOException {
    Comparison comparison = Comparison.of(reports, baseline(reports));
    StringBuilder text = new StringBuilder();
    if (sparsities().size() > 1) {
      text.append(comparison.toMatrix()).append('\n');
    }
    text.append(comparison.toMarkdown()).append('\n');
    task.remarks().forEach(remark -> text.append("- ").append(remark).append('\n'));
    say(text.toString());
    AtomicFiles.writeText(folder.resolve("comparison.md"), text.toString());
    AtomicFiles.writeText(folder.resolve("comparison.csv"), comparison.toCsv());
    HtmlReport.write(
        folder.resolve("report.html"),
        "All methods: " + task.name() + options.caution(task, steps(task)),
        comparison,
        reports);
  }

  /** HYDRA, or without it the first method that prunes. */
  private static String baseline(List<PruneReport> reports) {
    Set<String> names = new LinkedHashSet<>();
    reports.stream()
        .filter(report -> Sparsity.of(report.sparsity()).compareTo(Sparsity.DENSE) > 0)
        .forEach(report -> names.add(report.recipe()));
    reports.forEach(report -> names.add(report.recipe()));
    return names.contains(BASELINE) ? BASELINE : names.iterator().next();
  }
}
