package org.vpns.study.spark;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.vpns.internal.study.kept.RunArchive;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.study.Workers;
import org.vpns.train.RunListener;

/**
 * Runs that a cluster makes for one study. Each is a job of Spark's, so one that fails is alone.
 */
final class ClusterSession implements Workers.Session {
  private final Cluster cluster;
  private final int slots;
  private final RunTask task;
  private final StudyFolder folder;
  private final Runnable end;

  /**
   * Begins.
   *
   * @param end what is to be done behind the last run
   */
  ClusterSession(Cluster cluster, int slots, RunTask task, StudyFolder folder, Runnable end) {
    this.cluster = cluster;
    this.slots = slots;
    this.task = task;
    this.folder = folder;
    this.end = end;
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public void make(int index, RunListener listener) throws IOException, ExecutionException {
    Answer answer = cluster.make(task, index);
    switch (answer.kind()) {
      case DONE -> RunArchive.put(folder, answer.content());
      case FAILED -> throw new ExecutionException(new IllegalStateException(answer.text()));
      case ENDED -> throw new IOException(answer.text());
    }
  }

  @Override
  public void close() {
    cluster.close();
    end.run();
  }
}
