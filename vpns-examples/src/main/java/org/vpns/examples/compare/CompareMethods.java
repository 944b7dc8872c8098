package org.vpns.examples.compare;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.EngineSettings;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * All methods on one task, several sparsities and seeds: a table with costs as Markdown and CSV,
 * and a page, written after every seed. The report of every run is kept; a comparison that was
 * stopped goes on when it is started again in the same folder.
 */
@Command(
    name = "CompareMethods",
    sortOptions = false,
    description = "Compares all pruning methods on one task.")
public final class CompareMethods implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = {
        "Folder for results, in which a stopped comparison goes on",
        "(default: out/compare-TASK)."
      })
  private @Nullable Path out;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = {
        "digits: the quick start's; cifar: CIFAR-10 with a ResNet-20 that was trained on it;",
        "flowers: that network and other colour images (default: ${DEFAULT-VALUE})."
      },
      defaultValue = DigitsTask.NAME)
  private String task = DigitsTask.NAME;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = {
        "Images of cifar and flowers: train*.bin and test*.bin in the binary layout of CIFAR-10."
      })
  private @Nullable Path data;

  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = {
        "Weights of cifar and flowers",
        "(default: " + ResNet20Files.WEIGHTS + " in the folder of images)."
      })
  private @Nullable Path network;

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
      description = "T, gradient steps per stage (default: what the task has).")
  private @Nullable Long steps;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private static final String BASELINE = "HYDRA";

  private CompareMethods() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CompareMethods())
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              if (e instanceof IllegalStateException || e instanceof IOException) {
                line.getErr().println(e.getMessage());
                return line.getCommandSpec().exitCodeOnExecutionException();
              }
              throw e;
            });
  }

  @Override
  public Integer call() throws IOException {
    List<Sparsity> targets = targets();
    ComparisonTask chosen = open();
    MethodArms arms = arms(chosen);
    List<String> names = names(arms);
    Path folder = out == null ? Path.of("out", "compare-" + chosen.name()) : out;
    KeptRuns runs = new KeptRuns(folder);
    List<PruneReport> reports = new ArrayList<>();
    Set<String> done = new HashSet<>();
    for (long seed = 1; seed <= seeds; seed++) {
      ImageTable.Split split = chosen.images(seed);
      try (NDManager manager = NDManager.newBaseManager()) {
        ImageSets splits =
            ImageSets.of(split.train().toDataset(manager), split.train().classes())
                .test(split.test().toDataset(manager));
        for (Sparsity sparsity : targets) {
          for (String name : names) {
            Recipe recipe = arms.recipe(name, sparsity, seed);
            if (!done.add(KeptRuns.fileName(recipe))) {
              continue; // the dense network is the same at every sparsity
            }
            try (Model model = chosen.network()) {
              PruneReport report = runs.run(arms.fit(recipe, model, splits), model, splits);
              console().println(report.line());
              reports.add(report);
            }
          }
        }
      }
      write(folder, chosen, reports);
    }
    return 0;
  }

  private List<Sparsity> targets() {
    if (seeds < 1) {
      throw wrongOption(Problem.message("no seed", "--seeds", "at least 1", seeds, "3 is usual"));
    }
    try {
      return sparsities.stream().map(Sparsity::of).toList();
    } catch (IllegalArgumentException e) {
      throw wrongOption(String.valueOf(e.getMessage()));
    }
  }

  private ComparisonTask open() {
    try {
      return ComparisonTasks.open(task, new TaskFiles(data, network));
    } catch (IOException e) {
      throw wrongOption(String.valueOf(e.getMessage()));
    }
  }

  private MethodArms arms(ComparisonTask chosen) {
    long length = steps == null ? chosen.steps() : steps;
    if (length < 2) {
      throw wrongOption(
          Problem.message("stage too short", "--steps", "at least 2", length, "150 is usual"));
    }
    return new MethodArms(chosen, length);
  }

  private List<String> names(MethodArms arms) {
    List<String> all = ImmutableList.copyOf(arms.names());
    if (methods == null) {
      return all;
    }
    for (String name : methods) {
      if (!arms.has(name)) {
        throw wrongOption(
            Problem.message("no such method", "--methods", all, name, "check the spelling"));
      }
    }
    return methods;
  }

  private ParameterException wrongOption(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private PrintWriter console() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private void write(Path folder, ComparisonTask task, List<PruneReport> reports)
      throws IOException {
    Comparison comparison = Comparison.of(reports, baseline(reports));
    StringBuilder text = new StringBuilder();
    if (sparsities.size() > 1) {
      text.append(comparison.toMatrix()).append('\n');
    }
    text.append(comparison.toMarkdown()).append('\n');
    task.remarks().forEach(remark -> text.append("- ").append(remark).append('\n'));
    console().println(text);
    AtomicFiles.writeText(folder.resolve("comparison.md"), text.toString());
    AtomicFiles.writeText(folder.resolve("comparison.csv"), comparison.toCsv());
    HtmlReport.write(folder.resolve("report.html"), title(task), comparison, reports);
  }

  private String title(ComparisonTask task) {
    String title = "All methods: " + task.name();
    return steps == null || steps >= task.steps()
        ? title
        : title
            + " (short form: "
            + steps
            + " gradient steps per stage in place of "
            + task.steps()
            + ", too few for its figures to count)";
  }

  /** HYDRA, or without it the first method that prunes. */
  private static String baseline(List<PruneReport> reports) {
    Set<String> names = new LinkedHashSet<>();
    reports.stream()
        .filter(report -> Sparsity.of(report.sparsity()).compareTo(Sparsity.DENSE) > 0)
        .forEach(report -> names.add(report.recipe()));
    reports.forEach(report -> names.add(report.recipe()));
    return names.contains(BASELINE) ? BASELINE : names.iterator().next();
  }
}
