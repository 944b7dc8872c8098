package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 10b: VPNs with frames of several breadths. */
@Command(name = "Figure10b", description = "Figure 10b: VPNs with frames of several breadths.")
public final class Figure10b extends FigureProgram {
  /** Reads no option yet. */
  public Figure10b() {
    super("figure-10b", "Figure 10b: breadths of the frame");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure10b().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    List<String> methods = new ArrayList<>();
    for (int pad : FigureArms.pads(task.input().height())) {
      methods.add("VPNs, pad " + pad);
    }
    return methods;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    List<String> methods = methods(task);
    Hypothesis small = Hypothesis.of("The two narrow frames are better than the two broad ones");
    for (String sparsity : sparsities) {
      for (String narrow : methods.subList(0, 2)) {
        for (String broad : methods.subList(2, 4)) {
          small = small.above(narrow, broad, sparsity);
        }
      }
    }
    return List.of(small);
  }
}
