package org.vpns.examples.figures;

import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure A11: a prompt in finding the mask only, in tuning only, in both. */
@Command(
    name = "FigureA11",
    description = "Figure A11: a prompt in finding the mask only, in tuning only, in both.")
public final class FigureA11 extends FigureProgram {
  private static final String FINDING = "VPNs (finding only)";
  private static final String TUNING = "VPNs (tuning only)";

  /** Reads no option yet. */
  public FigureA11() {
    super("figure-a11", "Figure A11: where the prompt is");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new FigureA11().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return List.of("HYDRA", FINDING, TUNING, "VPNs");
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    Hypothesis order = Hypothesis.of("A prompt in tuning alone is better than in finding alone");
    Hypothesis both = Hypothesis.of("A prompt in both is best");
    for (String sparsity : sparsities) {
      order = order.above(TUNING, FINDING, sparsity);
      both = both.above("VPNs", TUNING, sparsity).above("VPNs", FINDING, sparsity);
    }
    return List.of(order, both);
  }
}
