package org.vpns.examples.figures;

import java.util.ArrayList;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 7: a prompt with other methods. */
@Command(name = "Figure7", description = "Figure 7: a prompt with other methods.")
public final class Figure7 extends FigureProgram {
  private static final List<String> METHODS = List.of("Random", "OMP", "LTH");
  private static final String PROMPT = " + prompt";

  /** Reads no option yet. */
  public Figure7() {
    super("figure-7", "Figure 7: a prompt with other methods");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure7().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    List<String> methods = new ArrayList<>();
    for (String method : METHODS) {
      methods.add(method);
      methods.add(method + PROMPT);
    }
    return methods;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    List<Hypothesis> claims = new ArrayList<>();
    for (String method : METHODS) {
      Hypothesis gains = Hypothesis.of(method + " gains from a prompt");
      for (String sparsity : sparsities) {
        gains = gains.above(method + PROMPT, method, sparsity);
      }
      claims.add(gains);
    }
    return claims;
  }

  @Override
  String baseline() {
    return "OMP";
  }
}
