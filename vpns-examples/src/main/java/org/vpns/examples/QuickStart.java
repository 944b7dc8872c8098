package org.vpns.examples;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.vpns.examples.QuickStartArms.Arm;
import org.vpns.internal.io.FolderLock;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.Study;
import org.vpns.study.StudyRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Prunes a small network with several methods and compares them: trained on Fashion-MNIST, pruned
 * for 8 x 8 handwritten digits that are resized to fill its 32 x 32 input. Each seed draws its own
 * 1,000 training and 797 test images, the same for all methods.
 */
@Command(
    name = "QuickStart",
    description =
        "Prunes a small network with several methods, compares them over a few seeds,"
            + " and writes a table, a page and the best sparse models into a folder.")
public final class QuickStart extends StudyProgram<PruneReport> {
  static final String TITLE = "Quick start: digits";

  private static final int SHORT_STEPS = 30;

  @Option(
      names = "--short",
      description =
          "A check that all works: fewer methods, a fifth of the steps, one seed if --seeds does"
              + " not say more; made anew each time.")
  private boolean brief;

  /** Reads no option yet. */
  public QuickStart() {
    super("out/quickstart", 3);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new QuickStart().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    long begin = System.nanoTime();
    int code = brief ? check() : measure();
    System.out.println(Math.round((System.nanoTime() - begin) / 1e9) + " s in all.");
    return code;
  }

  @Override
  protected Study<PruneReport> study() {
    if (!brief) {
      return study(seeds(), s -> new QuickStartArms(s, TrainingSettings.STEPS).all());
    }
    List<Long> seeds = isGiven("--seeds") ? seeds() : List.of(1L);
    return study(seeds, s -> new QuickStartArms(s, SHORT_STEPS).few());
  }

  private int measure() throws IOException {
    return compare(study().in(out()), TITLE);
  }

  /** Its runs are not kept, as those of a check of another day would hide what is wrong today. */
  @SuppressWarnings("try") // the lock is held, not used
  private int check() throws IOException {
    String caution = "it trains too little for its figures to count";
    Path scratch = out().resolve("short");
    try (FolderLock lock = OutFolder.lock(out())) {
      delete(scratch); // of one that was killed
      try {
        int code = compare(study().in(scratch), TITLE + " (short form: " + caution + ")");
        System.out.println("This was the short form: " + caution + ".");
        return code;
      } finally {
        delete(scratch);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private int compare(Study<PruneReport> study, String title) throws IOException {
    Study<PruneReport> keeping = study.keepingModels();
    Study.Results<PruneReport> results = run(keeping);
    write(out(), keeping, results, title, System.out);
    return exitCode(results);
  }

  /** The arms of every seed. */
  static Study<PruneReport> study(List<Long> seeds, Function<Long, List<Arm>> armsOf) {
    List<StudyRun<PruneReport>> runs =
        seeds.stream()
            .flatMap(s -> armsOf.apply(s).stream())
            .map(a -> StudyRun.of(a.recipe()))
            .toList();
    return Study.of(Digits.all(), runs);
  }

  /** Prints the comparison and writes the files, if there is what to compare. */
  static void write(
      Path folder,
      Study<PruneReport> study,
      Study.Results<PruneReport> results,
      String title,
      PrintStream console)
      throws IOException {
    List<PruneReport> reports = results.results();
    if (reports.stream().noneMatch(r -> r.recipe().equals(QuickStartArms.BASELINE))) {
      console.println("No table: " + QuickStartArms.BASELINE + ", the baseline, has no run.");
      return;
    }
    Comparison comparison = Comparison.of(reports, QuickStartArms.BASELINE);
    List<QuickStartBest> best = QuickStartBest.of(results, study::model);
    QuickStartFiles.write(folder, title, comparison, reports, best);
    console.println();
    console.print(comparison.toText());
    QuickStartText.closing(comparison, best, folder).forEach(console::println);
  }
}
