package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.vpns.Problem;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.Workers;
import org.vpns.study.process.WorkerProcesses;
import org.vpns.study.progress.Progress;
import picocli.CommandLine.Option;

/**
 * A main that is a study over some seeds, with a folder for its results. Workers build the study by
 * the same options.
 *
 * @param <R> what a run gives
 */
public abstract class StudyProgram<R> extends Program implements StudyPlan<R> {
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

  @Option(
      names = "--workers",
      paramLabel = "N",
      order = 902,
      description = {
        "Processes that make the runs side by side, each with one thread and its own memory;",
        "0: this one makes them, one by one (default: ${DEFAULT-VALUE})."
      },
      defaultValue = "0")
  private int workers;

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

  /** The runs that the options ask for. */
  protected abstract Study<R> study() throws IOException;

  @Override
  public final Study<R> study(List<String> arguments) throws IOException {
    toCommandLine().parseArgs(arguments.toArray(String[]::new));
    return study();
  }

  /** Makes the runs, and shows how they go on. */
  protected final Study.Results<R> run(Study<R> study) throws IOException {
    Study<R> shown = study.listener(Progress.study(System.out));
    return workers == 0 ? shown.run() : shown.run(using(this::processes));
  }

  @SuppressWarnings("unchecked") // a class of this is one of StudyProgram<R>
  private Workers processes() {
    return WorkerProcesses.of(workers, (Class<? extends StudyProgram<R>>) getClass(), arguments());
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
