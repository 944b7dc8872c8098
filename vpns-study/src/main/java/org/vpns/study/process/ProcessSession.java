package org.vpns.study.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.study.Workers;
import org.vpns.train.RunListener;

/** Places for processes, each of which is started for the first run that it gets. */
final class ProcessSession implements Workers.Session {
  private static final int TRIES = 2;

  private final List<Place> places = new ArrayList<>();
  private final BlockingDeque<Place> free;
  private final Workers.Job job;
  private final Supplier<ProcessBuilder> command;
  private volatile boolean closed;

  ProcessSession(int count, Workers.Job job, Supplier<ProcessBuilder> command) throws IOException {
    this.job = job;
    this.command = command;
    StudyFolder folder = new StudyFolder(job.folder());
    for (int i = 1; i <= count; i++) {
      places.add(new Place(folder.log(i)));
    }
    free = new LinkedBlockingDeque<>(places);
  }

  @Override
  public int slots() {
    return places.size();
  }

  @Override
  public void make(int index, RunListener listener) throws IOException, ExecutionException {
    Problem.given(listener, "Workers.Session.make", "listener");
    Place place;
    try {
      place = free.takeFirst();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      place.make(index, listener);
    } finally {
      free.addFirst(place);
    }
  }

  @Override
  public void close() {
    closed = true;
    places.forEach(Place::end);
  }

  /** A place for a process, and its log. */
  private final class Place {
    private final Path log;
    private @Nullable WorkerProcess process;

    Place(Path log) {
      this.log = log;
    }

    void make(int index, RunListener listener) throws IOException, ExecutionException {
      String end = "";
      String remedy = "";
      for (int i = 0; i < TRIES; i++) {
        WorkerProcess worker = process();
        if (worker.make(index, listener)) {
          return;
        }
        end = worker.end();
        remedy = worker.remedy();
        end();
      }
      throw new ExecutionException(
          Problem.state(
              "worker that ended in the middle of a run, " + TRIES + " times",
              log.toString(),
              "a result",
              end,
              remedy));
    }

    private WorkerProcess process() throws IOException {
      WorkerProcess running = started();
      try {
        running.requireReady(job.fingerprint()); // not locked: a study may take long to build
      } catch (IOException | RuntimeException e) {
        end();
        throw e;
      }
      return running;
    }

    private synchronized WorkerProcess started() throws IOException {
      if (closed) {
        throw new IOException("the study has ended");
      }
      WorkerProcess running = process;
      if (running == null) {
        running = new WorkerProcess(command.get(), log);
        process = running;
      }
      return running;
    }

    synchronized void end() {
      if (process != null) {
        process.close();
        process = null;
      }
    }
  }
}
