package org.vpns.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.vpns.Problem;
import org.vpns.train.RunListener;

/**
 * Where the runs of a study are made, if not in this JVM: processes of this machine ({@code
 * WorkerProcesses}) or a cluster. Wherever a run is made, its result has the same bits, as long as
 * the engine computes with as many threads.
 */
public interface Workers {
  /**
   * Begins.
   *
   * @throws IOException if there is nobody who could work
   */
  Session open(Job job) throws IOException;

  /**
   * A study to be made.
   *
   * @param fingerprint of its runs, {@link Study#fingerprint}
   * @param folder where its results are to lie
   * @param keepsModels whether pruned models are to lie there as well
   */
  record Job(String fingerprint, Path folder, boolean keepsModels) {
    /** All are needed. */
    public Job {
      Problem.given(fingerprint, "new Workers.Job", "fingerprint");
      Problem.given(folder, "new Workers.Job", "folder");
    }
  }

  /** Workers that are at work. Safe for as many threads as there are slots. */
  interface Session extends AutoCloseable {
    /** How many runs are made at a time. */
    int slots();

    /**
     * Makes a run, and returns when its result lies in the study's folder.
     *
     * @param index among the study's cells
     * @param listener hears of the steps, perhaps not of each; of nothing else
     * @throws ExecutionException if the run failed, by the cause; others may be made
     * @throws IOException if no more runs can be made
     */
    void make(int index, RunListener listener) throws IOException, ExecutionException;

    /** Stops runs that are under way. */
    @Override
    void close();
  }
}
