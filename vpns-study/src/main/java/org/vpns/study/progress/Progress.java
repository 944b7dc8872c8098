package org.vpns.study.progress;

import java.io.PrintStream;
import org.vpns.Problem;
import org.vpns.study.StudyListener;
import org.vpns.train.RunListener;

/** Listeners that show how a run or a study goes on. */
public final class Progress {
  private Progress() {}

  /**
   * Progress on the standard output, warnings as they come, and one line when the run ends. On a
   * terminal: one bar for the whole run with stage, iterations, time gone and left, images per
   * second, and as there is room loss, accuracy and sparsity of the last step; before and between
   * steps, batches of evaluation, label mapping and scores. It is drawn again at most four times a
   * second. Elsewhere (no console, or {@code TERM=dumb}): the same as lines, one at the beginning
   * and then one per epoch or minute, whichever is over first, ten seconds apart at least. For one
   * run at a time.
   */
  public static RunListener console() {
    return new ConsoleListener();
  }

  /**
   * A line for each run of a study that has ended or failed, and the time that is left for all of
   * them: on a terminal as a bar below the lines, elsewhere at their ends, and in a run of minutes
   * once a minute. For one study at a time.
   *
   * @param out where to write
   */
  public static StudyListener study(PrintStream out) {
    Problem.given(out, "Progress.study", "out");
    return new StudyProgress(out, Terminal.isAttached(), System::nanoTime);
  }
}
