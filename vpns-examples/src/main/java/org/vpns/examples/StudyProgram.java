package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.Workers;
import org.vpns.study.progress.Progress;
import picocli.CommandLine.Mixin;

/**
 * A main that is a study over some seeds, with a folder for its results. Workers build the study by
 * the same options.
 *
 * @param <R> what a run gives
 */
public abstract class StudyProgram<R> extends Program implements StudyPlan<R> {
  @Mixin private FolderOption folder;
  @Mixin private SeedsOption seeds;
  @Mixin private WorkersOption workers = new WorkersOption();

  /** With defaults of the program. */
  protected StudyProgram(String out, int seeds) {
    folder = new FolderOption(out);
    this.seeds = new SeedsOption(seeds);
  }

  /** Folder for results. */
  protected final Path out() {
    return folder.path();
  }

  /** Seeds from 1 on. */
  protected final List<Long> seeds() {
    return using(() -> seeds.from(1));
  }

  /** The runs that the options ask for. */
  protected abstract Study<R> study() throws IOException;

  @Override
  public final Study<R> study(List<String> arguments) throws IOException {
    toCommandLine().parseArgs(arguments.toArray(String[]::new));
    return study();
  }

  /** Makes the runs, and shows how they go on. */
  @SuppressWarnings("unchecked") // a class of this is one of StudyProgram<R>
  protected final Study.Results<R> run(Study<R> study) throws IOException {
    Class<? extends StudyProgram<R>> plan = (Class<? extends StudyProgram<R>>) getClass();
    Optional<Workers> makers = using(() -> workers.of(plan, arguments()));
    Study<R> shown = study.listener(Progress.study(System.out));
    return makers.isPresent() ? shown.run(makers.get()) : shown.run();
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
