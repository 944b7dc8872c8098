package org.vpns.examples.figures;

import java.io.IOException;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.examples.Names;
import org.vpns.examples.StudyProgram;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.TaskOptions;
import org.vpns.report.PruneReport;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the mains of one figure and of all have in common: options of the setting. */
abstract class FigureStudy extends StudyProgram<PruneReport> {
  @Mixin private TaskOptions options = new TaskOptions("few-digits");

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      description = "Sparsities, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<Sparsity> sparsities;

  /** Whether the figure has its own, on whatever task. */
  private final boolean own;

  private FigureStudy(String out, List<Sparsity> sparsities, boolean own) {
    super(out, 3);
    this.sparsities = sparsities;
    this.own = own;
  }

  /** With sparsities of its own. */
  FigureStudy(String out, List<Sparsity> sparsities) {
    this(out, sparsities, true);
  }

  /** Where the task tells methods apart. */
  FigureStudy(String out) {
    this(out, List.of(Sparsity.of("0.95"), Sparsity.of("0.99")), false);
  }

  /** As the options say; reads the task's files. */
  final Setting setting() throws IOException {
    ComparisonTask task = using(options::open);
    long steps = using(() -> options.steps(task));
    return new Setting(
        task,
        steps,
        options.caution(task, steps),
        using(
            () -> Names.listed("--sparsities", own ? sparsities : options.sparsities(sparsities))),
        seeds());
  }
}
