package org.vpns.examples.figures;

import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 5: VPNs, HYDRA and OMP on another network, named by --task. */
@Command(
    name = "Figure5",
    description = "Figure 5: VPNs, HYDRA and OMP on another network, named by --task.")
public final class Figure5 extends FigureProgram {
  /** Reads no option yet. */
  public Figure5() {
    super("figure-5", "Figure 5: another network");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure5().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return List.of("OMP", "HYDRA", "VPNs");
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    Hypothesis best = Hypothesis.of("VPNs is above OMP and HYDRA");
    for (String sparsity : sparsities) {
      best = best.above("VPNs", "OMP", sparsity).above("VPNs", "HYDRA", sparsity);
    }
    return List.of(best);
  }
}
