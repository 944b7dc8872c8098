package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.RunsProgress;
import org.vpns.train.ImageSets;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Prunes a small network with several methods and compares them: trained on Fashion-MNIST, pruned
 * for 8 x 8 handwritten digits that are resized to fill its 32 x 32 input. Each seed draws its own
 * 1,000 training and 797 test images, the same for all methods.
 */
@Command(
    name = "QuickStart",
    sortOptions = false,
    description = {
      "Prunes a small network with several methods, compares them over a few seeds,",
      "and writes a table, a page and the best sparse models into a folder."
    })
public final class QuickStart implements Callable<Integer> {
  private static final int SHORT_STEPS = 30;
  private static final int SEEDS = 3;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Folder for results (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/quickstart")
  private Path out = Path.of("");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of seeds, 1 to 100 (default: " + SEEDS + ", with --short 1).")
  private @Nullable Integer seeds;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  @Option(
      names = "--short",
      description = "A check that all works: fewer methods and a fifth of the steps.")
  private boolean brief;

  static final String TITLE = "Quick start: digits";

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private final PrintStream console = System.out;

  private QuickStart() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new QuickStart());
  }

  @Override
  public Integer call() throws IOException {
    int runsPerArm = seeds == null ? (brief ? 1 : SEEDS) : seeds;
    if (runsPerArm < 1 || runsPerArm > 100) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          Problem.message(
              "number of seeds out of range", "--seeds", "1 to 100", runsPerArm, "3 is usual"));
    }
    List<Long> all = new ArrayList<>();
    for (long seed = 1; seed <= runsPerArm; seed++) {
      all.add(seed);
    }
    long begin = System.nanoTime();
    run(
        out,
        all,
        seed ->
            brief
                ? new QuickStartArms(seed, SHORT_STEPS).few()
                : new QuickStartArms(seed, TrainingSettings.STEPS).all(),
        brief ? TITLE + " (short form: it trains too little for its figures to count)" : TITLE,
        console);
    if (brief) {
      console.println("This was the short form: it trains too little for its figures to count.");
    }
    console.println(Math.round((System.nanoTime() - begin) / 1e9) + " s in all.");
    return 0;
  }

  /** Runs the arms of every seed, prints the comparison and writes the files. */
  static void run(
      Path folder,
      List<Long> seeds,
      Function<Long, List<Arm>> armsOf,
      String title,
      PrintStream console)
      throws IOException {
    List<PruneReport> reports = new ArrayList<>();
    try (QuickStartBest best = new QuickStartBest()) {
      List<List<Arm>> arms = seeds.stream().map(armsOf).toList();
      int runs = arms.stream().mapToInt(List::size).sum();
      long steps = arms.stream().flatMap(List::stream).mapToLong(Arm::gradientSteps).sum();
      try (RunsProgress progress = RunsProgress.of(console, runs, steps)) {
        for (int i = 0; i < seeds.size(); i++) {
          runSeed(OpticalDigits.split(seeds.get(i)), arms.get(i), progress, best, reports);
        }
      }
      Comparison comparison = Comparison.of(reports, QuickStartArms.BASELINE);
      List<PrunedModel> chosen = best.best();
      QuickStartFiles.write(folder, title, comparison, reports, chosen);
      console.println();
      console.print(comparison.toText());
      QuickStartText.closing(comparison, chosen, folder).forEach(console::println);
    }
  }

  private static void runSeed(
      ImageTable.Split split,
      List<Arm> arms,
      RunsProgress progress,
      QuickStartBest best,
      List<PruneReport> reports)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits =
          ImageSets.of(split.train().toDataset(manager), split.train().classes())
              .test(split.test().toDataset(manager))
              .classNames(split.train().classNames());
      for (Arm arm : arms) {
        progress.next(arm.recipe(), arm.gradientSteps());
        Model model = SourceNetwork.load();
        PrunedModel pruned;
        try {
          pruned = Trainer.of(arm.recipe()).listener(progress).fit(model, splits);
        } catch (Throwable e) {
          model.close();
          throw e;
        }
        reports.add(pruned.report());
        best.offer(arm.recipe().sparsity(), model, pruned);
      }
    }
  }
}
