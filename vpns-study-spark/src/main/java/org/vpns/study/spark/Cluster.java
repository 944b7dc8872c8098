package org.vpns.study.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.vpns.Problem;

/**
 * A Spark cluster through its context. Spark warns of a cluster without executors, for ever, and
 * may leave who waits for a job waiting when the application ends; both are asked for here.
 */
final class Cluster {
  private static final String EXECUTOR_CORES = "spark.executor.cores";
  private static final String TASK_CORES = "spark.task.cpus";

  /** Executors come one after the other; after this time without a new one all are there. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  private static final long PAUSE_MILLIS = 250;

  private final JavaSparkContext context;
  private final Duration patience;
  private volatile boolean closed;

  Cluster(JavaSparkContext context, Duration patience) {
    this.context = context;
    this.patience = patience;
  }

  boolean isLocal() {
    return context.isLocal();
  }

  private boolean isStopped() {
    return context.sc().isStopped();
  }

  void requireRunning() throws IOException {
    if (isStopped()) {
      throw new IOException(
          Problem.message(
              "Spark application that has ended",
              context.sc().applicationId() + " on " + context.master(),
              "a context that runs until the study is done",
              "a stopped one",
              "the log of Spark says why; started again, the study goes on"));
    }
  }

  /**
   * Two runs at a time in a JVM would disturb each other's random numbers: the lock of {@link
   * ExecutorStudy} prevents that, but half of the cores would wait.
   *
   * @throws IllegalStateException if executors get more than one run at a time
   */
  void requireOneRunPerExecutor() {
    SparkConf conf = context.getConf();
    String cores = conf.get(EXECUTOR_CORES, "all of a machine");
    String used = conf.get(TASK_CORES, "1");
    if (!isLocal() && !cores.equals(used)) {
      throw Problem.state(
          "executors with room for several runs",
          EXECUTOR_CORES + " and " + TASK_CORES,
          "the same number, as an engine trains one network at a time in a JVM",
          cores + " and " + used,
          "set both, as by --conf spark.executor.cores=1 --conf spark.task.cpus=1");
    }
  }

  /** How many executors there are now; a local context is one. */
  private int executors() {
    // the driver is listed with them
    int listed = context.sc().statusTracker().getExecutorInfos().length;
    return isLocal() ? 1 : Math.max(0, listed - 1);
  }

  /**
   * Waits for the first executor, and a moment for others.
   *
   * @return how many there are
   * @throws IOException if none comes
   */
  int awaitExecutors() throws IOException {
    long begin = System.nanoTime();
    long change = begin;
    int before = 0;
    while (true) {
      requireRunning();
      long now = System.nanoTime();
      int count = executors();
      if (count != before) {
        before = count;
        change = now;
      }
      if (isLocal() || (count > 0 && now - change > SETTLED.toNanos())) {
        return count;
      }
      if (count == 0) {
        requirePatience(now - begin);
      }
      pause();
    }
  }

  private void requirePatience(long nanos) throws IOException {
    if (nanos > patience.toNanos()) {
      throw new IOException(
          Problem.message(
              "cluster without executors",
              context.sc().applicationId() + " on " + context.master(),
              "one within " + patience.toSeconds() + " seconds",
              "none",
              "see on Spark's page of the master that workers have the cores and the memory that"
                  + " an executor asks for, or have more patience: SparkWorkers.patience"));
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("study interrupted; started again, it goes on");
  }

  /**
   * Has an executor make a run.
   *
   * @throws ExecutionException if Spark gives it up
   * @throws IOException if there is nobody who could make it
   */
  Answer make(RunTask task, int index) throws IOException, ExecutionException {
    requireRunning();
    context.sc().setJobDescription("run " + index + " of a study");
    Future<List<byte[]>> answer;
    try {
      answer = context.parallelize(List.of(index), 1).map(task).collectAsync();
    } catch (IllegalStateException e) {
      requireRunning(); // it has ended in between
      throw e;
    }
    try {
      return Answer.of(await(answer, index).get(0));
    } finally {
      answer.cancel(true);
    }
  }

  private List<byte[]> await(Future<List<byte[]>> answer, int index)
      throws IOException, ExecutionException {
    long seen = System.nanoTime();
    while (true) {
      try {
        return answer.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        requireRunning();
        if (closed) {
          throw new IOException("the study has ended");
        }
        long now = System.nanoTime();
        if (executors() > 0) {
          seen = now;
        } else {
          requirePatience(now - seen);
        }
      } catch (InterruptedException e) {
        throw interrupted();
      } catch (ExecutionException e) {
        requireRunning();
        throw new ExecutionException(
            Problem.state(
                "run that executors could not make",
                "run " + index,
                "a result",
                String.valueOf(e.getCause()).replaceFirst("(?s)\\s*Driver stacktrace:.*", ""),
                "the logs of the executors say more; code 137 is a lack of memory or a kill"));
      }
    }
  }

  /** Ends the waiting for runs, and with it the runs. */
  void close() {
    closed = true;
  }
}
