package org.vpns.train;

import java.util.List;
import org.vpns.internal.run.Failures;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;

/** Several listeners as one, each told in turn. */
final class CombinedListener implements RunListener {
  private final List<RunListener> listeners;

  CombinedListener(List<RunListener> listeners) {
    this.listeners = listeners;
  }

  @Override
  public void runStarted(String recipe, long iterations, long done) {
    listeners.forEach(listener -> listener.runStarted(recipe, iterations, done));
  }

  @Override
  public void workAdvanced(Work work) {
    listeners.forEach(listener -> listener.workAdvanced(work));
  }

  @Override
  public void stageStarted(StageStart stage) {
    listeners.forEach(listener -> listener.stageStarted(stage));
  }

  @Override
  public void stepFinished(Step step) {
    listeners.forEach(listener -> listener.stepFinished(step));
  }

  @Override
  public void epochFinished(String stage, EpochRecord epoch) {
    listeners.forEach(listener -> listener.epochFinished(stage, epoch));
  }

  @Override
  public void stageFinished(StageRecord stage) {
    listeners.forEach(listener -> listener.stageFinished(stage));
  }

  @Override
  public void warned(String message) {
    listeners.forEach(listener -> listener.warned(message));
  }

  @Override
  public boolean isStopRequested() {
    return listeners.stream().anyMatch(RunListener::isStopRequested);
  }

  @Override
  public void runFinished(PruneReport report) {
    listeners.forEach(listener -> listener.runFinished(report));
  }

  /** All hear of it, whatever one of them throws. */
  @Override
  public void runFailed(Throwable cause) {
    listeners.forEach(listener -> Failures.andThen(cause, () -> listener.runFailed(cause)));
  }
}
