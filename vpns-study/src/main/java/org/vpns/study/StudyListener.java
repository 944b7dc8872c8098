package org.vpns.study;

import java.time.Duration;
import org.vpns.train.RunListener;

/**
 * Hears how a {@link Study} goes on, on the thread that asked for it. Runs come one after the other
 * unless {@link Workers} make them.
 */
public interface StudyListener {
  /**
   * Before {@link #studyStarted}, if the study is part of a {@link Search} under a time.
   *
   * @param left until the search begins no more runs, 0 if it does so already
   */
  default void timeGiven(Duration left) {}

  /**
   * Before the first run.
   *
   * @param runs of the whole study
   * @param kept how many of them are there from before
   * @param steps gradient steps of those that are left
   */
  default void studyStarted(int runs, int kept, long steps) {}

  /**
   * A run begins.
   *
   * @param run its name, as of the file that will keep it
   * @param steps its gradient steps
   * @return what hears of its steps
   */
  default RunListener runStarted(String run, long steps) {
    return new RunListener() {};
  }

  /**
   * The run has ended, and what it gave is kept.
   *
   * @param run as it began
   * @param line on what it gave
   */
  default void runFinished(String run, String line) {}

  /**
   * The run has failed; the others go on, also after an {@link Error} such as a lack of memory.
   * What ends the study is that something cannot be written into its folder, and an error that no
   * JVM goes on after: a {@link VirtualMachineError} that is neither a lack of memory nor a stack
   * that ran over, or {@link ThreadDeath}.
   */
  default void runFailed(String run, Throwable cause) {}

  /** After the last run, or when the study ends by a failure of its own. */
  default void studyEnded() {}
}
