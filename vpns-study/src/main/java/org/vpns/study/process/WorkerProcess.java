package org.vpns.study.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.train.RunListener;

/** A process that makes runs of a study, one at a time. */
final class WorkerProcess implements AutoCloseable {
  private static final int SECONDS_TO_END = 10;

  private final Process process;
  private final Path log;
  private final BufferedReader told;
  private boolean ready;
  private @Nullable String broken;

  /**
   * Starts it.
   *
   * @param log gets all that the process prints
   * @throws IOException if it cannot be started
   */
  WorkerProcess(ProcessBuilder command, Path log) throws IOException {
    this.log = log;
    process = command.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    told =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Waits until it has built the study, if it has not yet.
   *
   * @throws IOException if it cannot, or builds another study
   */
  void requireReady(String fingerprint) throws IOException {
    if (!ready) {
      begin(fingerprint);
      ready = true;
    }
  }

  private void begin(String fingerprint) throws IOException {
    WorkerEvent event = next();
    if (event == null || event.kind() != WorkerEvent.Kind.READY) {
      throw new IOException(
          Problem.message(
              "worker that does not begin",
              log.toString(),
              "a study, built by its plan",
              event == null ? end() : event.text(),
              "mend what the log says"));
    }
    if (!event.text().equals(fingerprint)) {
      throw new IOException(
          Problem.message(
              "worker of another study",
              log.toString(),
              "the runs of the study that asks, with its options",
              "others",
              "let the plan build the same study for the same arguments"));
    }
  }

  /** The next thing that it tells; null if it has ended. */
  private @Nullable WorkerEvent next() throws IOException {
    for (String line = told.readLine(); line != null; line = told.readLine()) {
      WorkerEvent event = WorkerEvent.read(line);
      if (event != null) {
        return event;
      }
    }
    return null;
  }

  /**
   * Makes a run.
   *
   * @return whether it was made; false if the process ended
   * @throws ExecutionException if the run failed
   * @throws IOException if no run can be made
   */
  boolean make(int index, RunListener listener) throws IOException, ExecutionException {
    if (!send(index)) {
      return false;
    }
    for (WorkerEvent event = next(); event != null; event = next()) {
      if (event.step() != null) {
        listener.stepFinished(event.step());
      }
      switch (event.kind()) {
        case DONE -> {
          return true;
        }
        case FAILED -> throw new ExecutionException(new IllegalStateException(event.text()));
        case THREW ->
            throw new ExecutionException(
                Problem.state(
                    "run that failed in a worker",
                    log.toString(),
                    "a result",
                    event.text(),
                    "the log has where that was thrown"));
        case BROKEN -> {
          broken = event.text();
          return false;
        }
        case ENDED -> throw new IOException(event.text());
        case READY, STEP -> {
          // goes on
        }
      }
    }
    return false;
  }

  private boolean send(int index) {
    try {
      OutputStream in = process.getOutputStream();
      in.write((index + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
      return true;
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** How it ended, in words. */
  String end() {
    if (broken != null) {
      return broken;
    }
    try {
      process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return process.isAlive()
        ? "a process that says no more"
        : "its process ended, exit code " + process.exitValue();
  }

  /** What helps against its end. */
  String remedy() {
    String error = broken;
    if (error == null) {
      return "the log says more; code 137 is a lack of memory or a kill";
    }
    String where = "the log has where that was thrown";
    return error.contains(OutOfMemoryError.class.getName())
        ? where + "; a worker has the heap of this JVM: start it with more, such as -Xmx4g"
        : where;
  }

  /** Ends it, and waits for that, so that it holds no lock any more. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    try {
      told.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
