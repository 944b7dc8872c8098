package org.vpns.examples.figures;

import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 6: masks that are found where the network was trained, tuned on other images. */
@Command(
    name = "Figure6",
    description = "Figure 6: masks of the images that the network was trained on, tuned on others.")
public final class Figure6 extends FigureProgram {
  /** Reads no option yet. */
  public Figure6() {
    super("figure-6", "Figure 6: masks of another task");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure6().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return List.of("Dense", TransferArms.OMP, TransferArms.HYDRA, TransferArms.VPNS);
  }

  @Override
  String baseline() {
    return TransferArms.HYDRA;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    Hypothesis best = Hypothesis.of("Masks of VPNs transfer best");
    for (String sparsity : sparsities) {
      best = best.above(TransferArms.VPNS, TransferArms.OMP, sparsity);
      best = best.above(TransferArms.VPNS, TransferArms.HYDRA, sparsity);
    }
    return List.of(best);
  }

  @Override
  List<String> remarks() {
    return List.of(
        "Masks are tuned without a prompt. Costs are those of finding and of tuning; epochs count"
            + " the images of both as the task's.");
  }
}
