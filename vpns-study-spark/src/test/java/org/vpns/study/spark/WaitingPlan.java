package org.vpns.study.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyRun;
import org.vpns.study.TinyStudies;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Regulariser;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * A study one run of which waits in the middle, once, to be killed; another fails, and a file has a
 * line for each time that it was tried. The first argument is the folder for such files; with a
 * second one nothing waits.
 */
public final class WaitingPlan implements StudyPlan<PruneReport> {
  private static final int STEP = 4;

  /** For executors. */
  public WaitingPlan() {}

  /** Has the process id of who waits. */
  static Path waiting(Path marks) {
    return marks.resolve("waiting");
  }

  /** Has a line for each try of the run that fails. */
  static Path tries(Path marks) {
    return marks.resolve("tries");
  }

  @Override
  public Study<PruneReport> study(List<String> arguments) {
    Path marks = Path.of(arguments.get(0));
    boolean waits = arguments.size() == 1;
    Study.Arm<PruneReport> waiting =
        (sparsity, seed) -> StudyRun.of(recipe("waits", seed, new Waiting(waiting(marks), waits)));
    Study.Arm<PruneReport> failing =
        (sparsity, seed) ->
            StudyRun.of(
                recipe("fails", seed, new Waiting(waiting(marks), false)),
                (recipe, network, images) -> {
                  append(tries(marks), "tried");
                  throw new IllegalArgumentException("no such head");
                });
    Study.Arm<PruneReport> plain =
        (sparsity, seed) -> StudyRun.of(recipe("plain", seed, new Waiting(waiting(marks), false)));
    return Study.of(List.of(waiting, failing, plain))
        .sparsities("0")
        .seeds(1, 2)
        .on(TinyStudies.task("tiny"));
  }

  private static Recipe recipe(String name, long seed, Waiting waiting) {
    Stage stage =
        Stage.builder("only")
            .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(0.01))
            .pass(Pass.plain())
            .regularise(waiting)
            .length(Length.epochs(3))
            .build();
    return TinyStudies.recipe(name, seed, stage);
  }

  private static void append(Path file, String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds nothing; before the fifth step it waits, where the file is not there yet. */
  private record Waiting(Path file, boolean waits) implements Regulariser {
    @Override
    public Term begin(Weights weights) {
      int[] steps = {0};
      return gradients -> {
        if (steps[0]++ == STEP && waits && !Files.exists(file)) {
          append(file, Long.toString(ProcessHandle.current().pid()));
          sleep();
        }
      };
    }

    private static void sleep() {
      try {
        Thread.sleep(600_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public String describe() {
      return "nothing";
    }
  }
}
