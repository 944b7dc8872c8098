package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.vpns.Sparsity;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * When does a joint prompt help? The quick start's network and digits in settings that it has no
 * time for: a middle sparsity, few training images, many steps. Each setting compares VPNs with
 * HYDRA at equal steps, and with its rivals. About a quarter of an hour on two cores.
 */
@Command(
    name = "PromptStudy",
    description = "Compares VPNs and its rivals with few images and with many steps.")
public final class PromptStudy implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Folder for results (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/prompt-study")
  private Path out = Path.of("");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of seeds (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int seeds;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  /**
   * One setting.
   *
   * @param name for table and file
   * @param sparsity fraction removed
   * @param images training images, the first of the seed's 1,000
   * @param steps gradient steps per stage
   */
  private record Setting(String name, Sparsity sparsity, int images, long steps) {
    static Setting of(String sparsity, int images, long steps) {
      return new Setting(
          sparsity + ", " + images + " images, " + steps + " steps per stage",
          Sparsity.of(sparsity),
          images,
          steps);
    }

    String file() {
      return sparsity + "-" + images + "-" + steps;
    }
  }

  private static final List<Setting> SETTINGS =
      List.of(
          Setting.of("0.98", 1_000, TrainingSettings.STEPS),
          Setting.of("0.98", 100, TrainingSettings.STEPS),
          Setting.of("0.95", 100, TrainingSettings.STEPS),
          Setting.of("0.98", 1_000, 400));

  private PromptStudy() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(new CommandLine(new PromptStudy()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    StringBuilder text = new StringBuilder();
    for (Setting setting : SETTINGS) {
      List<PruneReport> reports = new ArrayList<>();
      for (long seed = 1; seed <= seeds; seed++) {
        reports.addAll(run(setting, seed));
      }
      Comparison comparison = Comparison.of(reports, QuickStartArms.BASELINE);
      String section = "## " + setting.name() + "\n\n" + comparison.toMarkdown() + "\n";
      System.out.print(section);
      text.append(section);
      AtomicFiles.writeText(out.resolve("comparison.md"), text.toString());
      HtmlReport.write(out.resolve(setting.file() + ".html"), setting.name(), comparison, reports);
    }
    return 0;
  }

  private static List<PruneReport> run(Setting setting, long seed) throws IOException {
    ImageTable.Split split = OpticalDigits.split(seed);
    ImageTable train = split.train().head(setting.images());
    List<PruneReport> reports = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits =
          ImageSets.of(train.toDataset(manager), train.classes())
              .test(split.test().toDataset(manager));
      for (Arm arm : new QuickStartArms(seed, setting.steps()).rivals(setting.sparsity())) {
        try (Model model = SourceNetwork.load();
            PrunedModel pruned = Trainer.of(arm.recipe()).fit(model, splits)) {
          reports.add(pruned.report());
        }
      }
    }
    return reports;
  }
}
