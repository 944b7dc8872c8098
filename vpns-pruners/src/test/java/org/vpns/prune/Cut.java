package org.vpns.prune;

import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.train.RunListener;

/** Throws at the n-th call of a listener, whichever call that is. */
final class Cut implements RunListener {
  static final String MESSAGE = "cut here";
  private final int at;
  private int calls;

  /**
   * @param at number of the call that throws, from 1
   */
  Cut(int at) {
    this.at = at;
  }

  /** Calls so far; with a run that is never cut, the number of places to cut it. */
  int calls() {
    return calls;
  }

  private void call() {
    if (++calls == at) {
      throw new IllegalStateException(MESSAGE);
    }
  }

  @Override
  public void runStarted(String recipe, long iterations, long done) {
    call();
  }

  @Override
  public void stageStarted(StageStart stage) {
    call();
  }

  @Override
  public void stepFinished(Step step) {
    call();
  }

  @Override
  public void epochFinished(String stage, EpochRecord epoch) {
    call();
  }

  @Override
  public void stageFinished(StageRecord stage) {
    call();
  }

  @Override
  public void runFinished(PruneReport report) {
    call();
  }
}
