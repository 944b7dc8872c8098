package org.vpns.study.process;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.vpns.Problem;
import org.vpns.internal.network.ProcessEnd;
import org.vpns.internal.run.Failures;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.process.WorkerEvent.Kind;
import org.vpns.train.RunListener;

/**
 * The main of a worker: builds the study, then makes the runs whose indexes come in, a line each.
 * When no more can come, because it is done or whoever asked has gone, it ends at once.
 */
final class WorkerMain {
  /** What a pass under way is waited for at most: whoever asked is gone. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Between two steps that are told. */
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

  private final PrintStream out;
  private final BlockingQueue<Integer> wanted = new LinkedBlockingQueue<>();

  private WorkerMain(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs the worker.
   *
   * @param args class of the plan, folder, whether models are kept, arguments of the plan
   */
  public static void main(String[] args) {
    // not System.out, which encodes as the machine's language asks for
    WorkerMain worker =
        new WorkerMain(
            new PrintStream(
                new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
    System.setOut(System.err); // what the study prints is for the log
    worker.listen();
    try {
      worker.work(args);
    } finally {
      Runtime.getRuntime().halt(1); // threads that the study has left behind hold nobody up
    }
  }

  private void listen() {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader in =
                  new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                  wanted.add(Integer.valueOf(line));
                }
              } catch (IOException | NumberFormatException e) {
                e.printStackTrace();
              }
              // a run under way goes on from its checkpoint
              ProcessEnd.stopAll(LIMIT);
              Runtime.getRuntime().halt(0);
            },
            "who asks");
    reader.setDaemon(true);
    reader.start();
  }

  private void work(String[] args) {
    try {
      Study<?> study = study(args);
      tell(WorkerEvent.of(Kind.READY, study.fingerprint()));
      while (make(study, wanted.take())) {
        // the next one
      }
    } catch (Throwable e) {
      e.printStackTrace();
      tell(WorkerEvent.of(Kind.ENDED, Failures.inWords(e)));
    }
  }

  private static Study<?> study(String[] args) throws IOException, ReflectiveOperationException {
    StudyPlan<?> plan =
        Class.forName(args[0]).asSubclass(StudyPlan.class).getConstructor().newInstance();
    Study<?> study =
        Problem.given(
                plan.study(List.of(args).subList(3, args.length)),
                args[0],
                "what StudyPlan.study gives")
            .in(Path.of(args[1]));
    return Boolean.parseBoolean(args[2]) ? study.keepingModels() : study;
  }

  /** Whether others can be made: an error leaves a JVM in doubt, and a new one is to be had. */
  private boolean make(Study<?> study, int index) throws IOException {
    Throwable failure;
    try {
      study.run(index, new Steps());
      tell(WorkerEvent.of(Kind.DONE, ""));
      return true;
    } catch (ExecutionException e) {
      failure = Objects.requireNonNullElse(e.getCause(), e);
    } catch (Error e) {
      failure = e;
    }
    failure.printStackTrace();
    tell(WorkerEvent.of(kind(failure), Failures.inWords(failure)));
    return kind(failure) != Kind.BROKEN;
  }

  private static Kind kind(Throwable failure) {
    if (failure instanceof Error) {
      return Kind.BROKEN;
    }
    return Failures.tellsAll(failure) ? Kind.FAILED : Kind.THREW;
  }

  /** On a line of its own, whatever an engine has left unfinished before it. */
  private void tell(WorkerEvent event) {
    out.print("\n" + event.line() + "\n");
    out.flush();
  }

  /** Tells some steps. */
  private final class Steps implements RunListener {
    private long last = System.nanoTime() - PAUSE;

    @Override
    public void stepFinished(Step step) {
      long now = System.nanoTime();
      if (now - last >= PAUSE) {
        last = now;
        tell(WorkerEvent.of(step));
      }
    }
  }
}
