package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.vpns.train.RunListener;

/** Counts, and ends the process after some steps. */
class StudyEvents implements StudyListener {
  /** A process that ends; as any other error it would be that of one run. */
  static final class Killed extends VirtualMachineError {
    private static final long serialVersionUID = 1;
  }

  final List<String> told = new ArrayList<>();
  long steps;
  long stepsBefore;
  long left = Long.MAX_VALUE;

  @Override
  public void studyStarted(int runs, int kept, long newSteps) {
    told.add("study of " + runs + ", " + kept + " kept, " + newSteps + " steps");
  }

  @Override
  public RunListener runStarted(String run, long newSteps) {
    told.add("started " + run + ", " + newSteps + " steps");
    return new RunListener() {
      @Override
      public void runStarted(String recipe, long iterations, long done) {
        stepsBefore += done;
      }

      @Override
      public void stepFinished(Step step) {
        steps++;
        if (--left == 0) {
          throw new Killed();
        }
      }
    };
  }

  @Override
  public void runFinished(String run, String line) {
    told.add("finished");
  }

  @Override
  public void runFailed(String run, Throwable cause) {
    told.add("failed " + run + ": " + cause.getMessage());
  }

  @Override
  public void studyEnded() {
    told.add("ended");
  }
}
