package org.vpns.examples.figures;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 4: all methods over sparsities. */
@Command(name = "Figure4", description = "Figure 4: all methods over sparsities.")
public final class Figure4 extends FigureProgram {
  private static final List<String> RIVALS =
      List.of("Random", "OMP", "LTH", "SNIP", "GraSP", "SynFlow", "HYDRA", "BiP");

  /** Reads no option yet. */
  public Figure4() {
    super("figure-4", "Figure 4: methods over sparsities");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure4().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return List.of(
        "Dense", "Random", "OMP", "LTH", "SNIP", "GraSP", "SynFlow", "HYDRA", "BiP", "VPNs");
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    Hypothesis best = Hypothesis.of("VPNs is best at every sparsity");
    for (String sparsity : sparsities) {
      for (String rival : RIVALS) {
        best = best.above("VPNs", rival, sparsity);
      }
    }
    Hypothesis dense =
        Hypothesis.of("VPNs at the lowest sparsity is above the dense network")
            .aboveAt("VPNs", lowest(sparsities), "Dense", "0");
    return List.of(best, dense);
  }

  private static String lowest(List<String> sparsities) {
    return Collections.min(sparsities, Comparator.comparing(Sparsity::of));
  }

  @Override
  List<String> remarks() {
    return List.of("That the lead is larger on larger data sets takes several tasks to judge.");
  }
}
