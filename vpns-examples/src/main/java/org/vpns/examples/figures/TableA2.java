package org.vpns.examples.figures;

import java.io.IOException;
import org.vpns.Sparsity;
import org.vpns.examples.Program;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.TaskOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Table A2: the settings of every method, as its recipe has them. Nothing is run. */
@Command(name = "TableA2", description = MethodSettings.TITLE + ", as Markdown.")
public final class TableA2 extends Program {
  @Mixin private TaskOptions options = new TaskOptions("few-digits");

  @Option(
      names = "--sparsity",
      paramLabel = "S",
      description = "Sparsity of the recipes (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.95")
  private Sparsity sparsity = Sparsity.DENSE;

  private TableA2() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new TableA2().execute(args);
  }

  static TableA2 program() {
    return new TableA2();
  }

  @Override
  public Integer call() throws IOException {
    ComparisonTask task = using(options::open);
    say(MethodSettings.of(task, using(() -> options.steps(task)), sparsity).toMarkdown());
    return 0;
  }
}
