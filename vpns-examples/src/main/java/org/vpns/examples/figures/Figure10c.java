package org.vpns.examples.figures;

import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 10c: VPNs with prompts of several kinds and equally many pixels. */
@Command(
    name = "Figure10c",
    description = "Figure 10c: VPNs with prompts of several kinds and equally many pixels.")
public final class Figure10c extends FigureProgram {
  /** Reads no option yet. */
  public Figure10c() {
    super("figure-10c", "Figure 10c: kinds of prompts");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure10c().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    int canvas = task.input().height();
    int side = FigureArms.equalSide(canvas);
    return List.of(
        "VPNs, pad " + FigureArms.narrow(canvas), "VPNs, fix " + side, "VPNs, random " + side);
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    List<String> methods = methods(task);
    Hypothesis pad = Hypothesis.of("A frame is better than a square, at its place or jumping");
    for (String sparsity : sparsities) {
      pad = pad.above(methods.get(0), methods.get(1), sparsity);
      pad = pad.above(methods.get(0), methods.get(2), sparsity);
    }
    return List.of(pad);
  }
}
