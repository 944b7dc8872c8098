package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 1: a prompt that is trained after pruning, before and after tuning. */
@Command(name = "Figure1", description = "Figure 1: a prompt that is trained after pruning.")
public final class Figure1 extends FigureProgram {
  private static final List<String> METHODS = List.of("Random", "OMP", "SNIP", "SynFlow", "HYDRA");
  private static final String ONLY = " (prompt only)";
  private static final String AFTERWARDS = " (prompt afterwards)";
  private static final String PLAIN = ", without it";

  /** Reads no option yet. */
  public Figure1() {
    super("figure-1", "Figure 1: a prompt after pruning");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure1().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    List<String> methods = new ArrayList<>();
    for (String method : METHODS) {
      methods.addAll(List.of(method, method + ONLY, method + AFTERWARDS));
    }
    return methods;
  }

  /** Weights rest while the prompt is trained, so the same run says what it adds. */
  @Override
  List<PruneReport> runs(List<PruneReport> reports) {
    List<PruneReport> runs = new ArrayList<>(reports);
    for (PruneReport report : reports) {
      if (report.recipe().endsWith(ONLY) || report.recipe().endsWith(AFTERWARDS)) {
        runs.add(PlainReports.of(report, report.recipe() + PLAIN));
      }
    }
    return runs;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    Hypothesis before = Hypothesis.of("A prompt after pruning helps before the network is tuned");
    Hypothesis after = Hypothesis.of("Once the network is tuned, its gain is below a point");
    Hypothesis best =
        Hypothesis.of("Neither is a point above pruning and tuning without a prompt, equally long");
    for (String sparsity : sparsities) {
      for (String method : METHODS) {
        String only = method + ONLY;
        String tuned = method + AFTERWARDS;
        before = before.above(only, only + PLAIN, sparsity);
        after = after.gainsLessThan(1, tuned, tuned + PLAIN, sparsity);
        best = best.gainsLessThan(1, only, method, sparsity);
        best = best.gainsLessThan(1, tuned, method, sparsity);
      }
    }
    return List.of(before, after, best);
  }
}
