package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.Study;
import org.vpns.study.StudyRun;
import picocli.CommandLine.Command;

/**
 * When does a joint prompt help? The quick start's network and digits in settings that it has no
 * time for: a middle sparsity, few training images, many steps. Each setting compares VPNs with
 * HYDRA at equal steps, and with its rivals. About a quarter of an hour on two cores.
 */
@Command(
    name = "PromptStudy",
    description = "Compares VPNs and its rivals with few images and with many steps.")
public final class PromptStudy extends StudyProgram<PruneReport> {
  /**
   * One setting.
   *
   * @param sparsity fraction removed
   * @param images training images, the first of the seed's 1,000
   * @param steps gradient steps per stage
   */
  record Setting(String sparsity, int images, long steps) {
    String title() {
      return sparsity + ", " + images + " images, " + steps + " steps per stage";
    }

    String file() {
      return sparsity + "-" + images + "-" + steps;
    }

    Study<PruneReport> study(List<Long> seeds) {
      List<StudyRun<PruneReport>> runs =
          seeds.stream()
              .flatMap(s -> new QuickStartArms(s, steps).rivals(Sparsity.of(sparsity)).stream())
              .map(Arm::recipe)
              .map(StudyRun::of)
              .toList();
      return Study.of(new Digits(file(), images), runs);
    }
  }

  private static final String TEXT = "comparison.md";

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("0.98", 1_000, TrainingSettings.STEPS),
          new Setting("0.98", 100, TrainingSettings.STEPS),
          new Setting("0.95", 100, TrainingSettings.STEPS),
          new Setting("0.98", 1_000, 400));

  private final List<Setting> settings;

  /** Of all settings. */
  public PromptStudy() {
    this(SETTINGS);
  }

  /** Of some settings. */
  PromptStudy(List<Setting> settings) {
    super("out/prompt-study", 5);
    this.settings = settings;
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new PromptStudy().execute(args);
  }

  @Override
  protected Study<PruneReport> study() {
    return settings.stream().map(s -> s.study(seeds())).reduce(Study::and).orElseThrow();
  }

  @Override
  public Integer call() throws IOException {
    Study.Results<PruneReport> results = run(study().in(out()).reporting(this::write));
    if (!results.byCell().isEmpty()) {
      say(Files.readString(out().resolve(TEXT)));
    }
    return exitCode(results);
  }

  private void write(Study.Results<PruneReport> results) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Setting setting : settings) {
      List<PruneReport> reports =
          results.byCell().entrySet().stream()
              .filter(e -> e.getKey().task().name().equals(setting.file()))
              .map(e -> e.getValue())
              .toList();
      if (reports.stream().anyMatch(r -> r.recipe().equals(QuickStartArms.BASELINE))) {
        Comparison comparison = Comparison.of(reports, QuickStartArms.BASELINE);
        text.append("## " + setting.title() + "\n\n" + comparison.toMarkdown() + "\n");
        Path page = out().resolve(setting.file() + ".html");
        HtmlReport.write(page, setting.title(), comparison, reports);
      }
    }
    AtomicFiles.writeText(out().resolve(TEXT), text.toString());
  }
}
