package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.vpns.Problem;
import org.vpns.study.Study;
import org.vpns.study.progress.Progress;
import picocli.CommandLine.Option;

/** A main that is a study over some seeds, with a folder for its results. */
public abstract class StudyProgram extends Program {
  private static final int MOST_SEEDS = 100;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      order = 900,
      description =
          "Folder for results; a study that was stopped goes on there (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      order = 901,
      description = "Number of seeds, 1 to " + MOST_SEEDS + " (default: ${DEFAULT-VALUE}).")
  private int seeds;

  /** With defaults of the program. */
  protected StudyProgram(String out, int seeds) {
    this.out = Path.of(out);
    this.seeds = seeds;
  }

  /** Folder for results. */
  protected final Path out() {
    return out;
  }

  /** Seeds from 1 on. */
  protected final List<Long> seeds() {
    if (seeds < 1 || seeds > MOST_SEEDS) {
      throw wrong(
          Problem.message(
              "number of seeds out of range",
              "--seeds",
              "1 to " + MOST_SEEDS,
              seeds,
              "3 is usual"));
    }
    return LongStream.rangeClosed(1, seeds).boxed().toList();
  }

  /** Makes the runs, and shows how they go on. */
  protected final <R> Study.Results<R> run(Study<R> study) throws IOException {
    return study.listener(Progress.study(System.out)).run();
  }

  /** Says how many runs failed; gives the exit code. */
  protected final int exitCode(Study.Results<?> results) {
    int failed = results.failures().size();
    if (failed == 0) {
      return 0;
    }
    int all = failed + results.byCell().size();
    say(failed + " of " + all + " runs failed; started again, the program makes them anew.");
    return 1;
  }
}
