package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 10a: VPNs with images of several sizes inside a frame. */
@Command(
    name = "Figure10a",
    description = "Figure 10a: VPNs with images of several sizes inside a frame.")
public final class Figure10a extends FigureProgram {
  /** Reads no option yet. */
  public Figure10a() {
    super("figure-10a", "Figure 10a: sizes of images");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure10a().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    List<String> methods = new ArrayList<>();
    for (int size : FigureArms.imageSizes(task.input().height())) {
      methods.add("VPNs, images of " + size);
    }
    return methods;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    List<String> methods = methods(task);
    Hypothesis rises = Hypothesis.of("Accuracy rises with the size of images");
    for (String sparsity : sparsities) {
      for (int i = 1; i < methods.size(); i++) {
        rises = rises.above(methods.get(i), methods.get(i - 1), sparsity);
      }
    }
    return List.of(rises);
  }
}
