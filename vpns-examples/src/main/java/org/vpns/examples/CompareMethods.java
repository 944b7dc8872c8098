package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.data.ImageTable;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.io.AtomicFiles;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Comparison;
import org.vpns.report.HtmlReport;
import org.vpns.report.PruneReport;
import org.vpns.train.Pruner;
import org.vpns.train.Splits;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * All methods on the quick start's network and digits, several sparsities and seeds: a table with
 * costs as Markdown and CSV, and a page. Files are written after every seed, so that a run that is
 * stopped leaves what it has.
 */
@Command(
    name = "CompareMethods",
    sortOptions = false,
    description = "Compares all pruning methods on the quick start's task.")
public final class CompareMethods implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Folder for results (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/compare-methods")
  private Path out = Path.of("");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of seeds (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int seeds;

  @Option(
      names = "--sparsities",
      paramLabel = "S",
      split = ",",
      description = "Sparsities, separated by commas (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.5,0.8,0.9,0.95,0.98")
  private List<String> sparsities = List.of();

  @Option(
      names = "--methods",
      paramLabel = "NAME",
      split = ",",
      description = "Only these methods, as the table calls them, separated by commas.")
  private @Nullable List<String> methods;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Gradient steps per stage (default: ${DEFAULT-VALUE}).",
      defaultValue = "150")
  private long steps;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private CompareMethods() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CompareMethods());
  }

  @Override
  public Integer call() throws IOException {
    List<Sparsity> targets = sparsities.stream().map(Sparsity::of).toList();
    Map<String, Pruner> chosen = chosen();
    Files.createDirectories(out);
    List<PruneReport> reports = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      ImageTable.Split split = OpticalDigits.split(seed);
      try (NDManager manager = NDManager.newBaseManager()) {
        Splits splits =
            Splits.of(split.train().toDataset(manager), split.train().classes())
                .test(split.test().toDataset(manager));
        for (Sparsity sparsity : targets) {
          for (Map.Entry<String, Pruner> method : chosen.entrySet()) {
            reports.add(run(method.getKey(), method.getValue(), sparsity, seed, splits));
          }
        }
      }
      write(reports);
    }
    return 0;
  }

  private Map<String, Pruner> chosen() {
    Map<String, Pruner> all = MethodArms.all(steps);
    if (methods == null) {
      return all;
    }
    Map<String, Pruner> some = new LinkedHashMap<>();
    for (String name : methods) {
      Pruner pruner = all.get(name);
      if (pruner == null) {
        CommandLine.Model.CommandSpec command = spec;
        if (command == null) {
          throw new IllegalStateException("not run by a command line");
        }
        throw new ParameterException(
            command.commandLine(),
            Problem.message(
                "no such method", "--methods", all.keySet(), name, "check the spelling"));
      }
      some.put(name, pruner);
    }
    return some;
  }

  private static PruneReport run(
      String name, Pruner pruner, Sparsity sparsity, long seed, Splits splits) throws IOException {
    try (Model model = SourceNetwork.load();
        PrunedModel pruned =
            Trainer.of(MethodArms.recipe(name, pruner, sparsity, seed)).fit(model, splits)) {
      System.out.println(pruned.report().line());
      return pruned.report();
    }
  }

  private void write(List<PruneReport> reports) throws IOException {
    Comparison comparison = Comparison.of(reports, QuickStartArms.BASELINE);
    System.out.println(comparison.toMarkdown());
    AtomicFiles.writeText(out.resolve("comparison.md"), comparison.toMarkdown());
    AtomicFiles.writeText(out.resolve("comparison.csv"), QuickStartFiles.csv(comparison));
    HtmlReport.write(out.resolve("report.html"), "All methods: digits", comparison, reports);
  }
}
