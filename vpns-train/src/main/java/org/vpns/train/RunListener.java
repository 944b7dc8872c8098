package org.vpns.train;

import java.util.List;
import org.vpns.Problem;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;

/**
 * Hears how a run goes on. Called on the run's own thread, in order; an exception thrown here stops
 * the run like any other failure.
 */
public interface RunListener {
  /** Tells each of the listeners, in the order given. */
  static RunListener all(RunListener... listeners) {
    Problem.givenEach(listeners, "RunListener.all", "listeners");
    return new CombinedListener(List.of(listeners));
  }

  /**
   * The run begins or is resumed.
   *
   * @param recipe name of the recipe, such as {@code VPNs 0.99}
   * @param iterations iterations of all stages together
   * @param done iterations that a resumed run has behind it
   */
  default void runStarted(String recipe, long iterations, long done) {}

  /**
   * A batch was looked at outside training. The dense network is evaluated, labels are mapped and
   * weights scored before the first stage begins.
   */
  default void workAdvanced(Work work) {}

  /** A stage begins. */
  default void stageStarted(StageStart stage) {}

  /** One gradient step was made. */
  default void stepFinished(Step step) {}

  /** An epoch was completed. */
  default void epochFinished(String stage, EpochRecord epoch) {}

  /** A stage was completed. */
  default void stageFinished(StageRecord stage) {}

  /** Something that the reader of the report should know. */
  default void warned(String message) {}

  /**
   * Asked after every iteration, on the run's own thread: whether the run is to end here with what
   * it has reached. The stage under way ends with its best epoch so far where it keeps that, else
   * as it is; later stages make no step, but those whose mask is still to move. The report warns
   * that it was stopped. A checkpoint stays, so the run can be resumed as if it had never been
   * stopped. Once asked for it cannot be taken back.
   */
  default boolean isStopRequested() {
    return false;
  }

  /** The run is complete. */
  default void runFinished(PruneReport report) {}

  /**
   * The run ended with an exception, perhaps before it began; the model is as it was before. What
   * this throws is suppressed in favour of the cause.
   */
  default void runFailed(Throwable cause) {}

  /**
   * Work that is no gradient step.
   *
   * @param what such as {@code test images}, {@code label mapping}, {@code scores}
   * @param done batches done, this one included
   * @param total batches of this work; 0 = not counted in batches
   */
  record Work(String what, long done, long total) {
    /** No part may be null. */
    public Work {
      Problem.given(what, "new RunListener.Work", "what");
    }
  }

  /**
   * The beginning of a stage.
   *
   * @param name such as {@code find mask}
   * @param index from 0
   * @param stages number of stages
   * @param iterations iterations of this stage
   */
  record StageStart(String name, int index, int stages, long iterations) {
    /** No part may be null. */
    public StageStart {
      Problem.given(name, "new RunListener.StageStart", "name");
    }
  }

  /**
   * One gradient step.
   *
   * @param stage name of the stage
   * @param done iterations done of the whole run, this one included
   * @param iterations iterations of the whole run
   * @param loss mean cross-entropy of the batch, before the step
   * @param accuracy fraction of the batch that was right, 0 to 1
   * @param sparsity fraction of prunable weights that is zero now
   * @param images images in the batch
   */
  record Step(
      String stage,
      long done,
      long iterations,
      double loss,
      double accuracy,
      double sparsity,
      int images) {
    /** No part may be null. */
    public Step {
      Problem.given(stage, "new RunListener.Step", "stage");
    }
  }
}
