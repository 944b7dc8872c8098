package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.Cost;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.Hypothesis.Judgement;
import picocli.CommandLine.Command;

/** Figure 8: what methods cost, in passes of batches through the network, seconds beside them. */
@Command(name = "Figure8", description = "Figure 8: what methods cost, beside their accuracy.")
public final class Figure8 extends FigureProgram {
  /** Reads no option yet. */
  public Figure8() {
    super("figure-8", "Figure 8: cost of methods");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure8().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return List.of("OMP", "LTH", "SNIP", "GraSP", "SynFlow", "HYDRA", "BiP", "VPNs");
  }

  /** None of accuracies. */
  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    return List.of();
  }

  @Override
  List<Judgement> counted(List<PruneReport> runs, List<String> sparsities) {
    CostClaim cheaper = claim("VPNs is cheaper than BiP and HYDRA");
    CostClaim near = claim("VPNs costs less than 1.1 times GraSP");
    CostClaim grows = claim("LTH costs more at every higher sparsity");
    List<String> rising = new ArrayList<>(sparsities);
    rising.sort(Comparator.comparingDouble(Double::parseDouble));
    for (int i = 0; i < rising.size(); i++) {
      String sparsity = rising.get(i);
      cheaper = cheaper.less("VPNs", "BiP", sparsity).less("VPNs", "HYDRA", sparsity);
      near = near.less("VPNs", sparsity, 1.1, "GraSP", sparsity);
      grows = i == 0 ? grows : grows.less("LTH", rising.get(i - 1), 1, "LTH", sparsity);
    }
    return List.of(cheaper.judge(runs), near.judge(runs), grows.judge(runs));
  }

  private static CostClaim claim(String text) {
    return CostClaim.of(text, "passes", run -> passes(run.cost()));
  }

  private static long passes(Cost cost) {
    return cost.forwards() + cost.backwards() + cost.doubleBackwards();
  }

  @Override
  List<String> remarks() {
    return List.of(
        "All methods but LTH are trained for the same gradient steps, so VPNs, BiP and HYDRA"
            + " can hardly differ; the paper gives each the length that its authors chose.",
        "Passes are counted; seconds are those of a machine that other runs may have shared.");
  }
}
