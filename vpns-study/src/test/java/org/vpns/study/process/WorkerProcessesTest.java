package org.vpns.study.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.report.PruneReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.SearchResults;
import org.vpns.study.Study;
import org.vpns.study.StudyListener;
import org.vpns.train.RunListener;

/** Runs that other processes make are those that this one makes. */
class WorkerProcessesTest {
  @TempDir Path folder;

  private List<String> arguments(String... methods) {
    List<String> all = new ArrayList<>(List.of(folder.toString()));
    all.addAll(List.of(methods));
    return all;
  }

  private Study<PruneReport> study(String name, List<String> arguments) throws IOException {
    return new TinyPlan().study(arguments).in(folder.resolve(name));
  }

  /** Tests compute with one thread, as workers do. */
  private static WorkerProcesses workers(int count, List<String> arguments) {
    return WorkerProcesses.of(count, TinyPlan.class, arguments);
  }

  @Test
  void search_byTwoProcesses_findsWhatOneFinds() throws IOException {
    SearchResults here = TinySearch.search().in(folder.resolve("here")).run();

    SearchResults there =
        TinySearch.search()
            .in(folder.resolve("there"))
            .run(WorkerProcesses.of(2, TinySearch.class, List.of()));

    assertThat(there.trials()).hasSize(4 + 1);
    assertThat(there.toCsv()).isEqualTo(here.toCsv());
  }

  @Test
  void study_byTwoProcesses_hasTheResultsOfOne() throws IOException {
    List<String> arguments = arguments("0.001", "0.01");
    Study<PruneReport> here = study("here", arguments);
    Study<PruneReport> there = study("there", arguments);
    List<String> told = new ArrayList<>();
    AtomicInteger steps = new AtomicInteger();
    StudyListener listener =
        new StudyListener() {
          @Override
          public RunListener runStarted(String run, long all) {
            told.add("+" + run);
            return new RunListener() {
              @Override
              public void stepFinished(Step step) {
                steps.incrementAndGet();
              }
            };
          }

          @Override
          public void runFinished(String run, String line) {
            told.add("-" + run);
          }
        };
    List<Integer> reported = new ArrayList<>();

    Study.Results<PruneReport> results =
        there
            .listener(listener)
            .reporting(r -> reported.add(r.byCell().size()))
            .run(workers(2, arguments));

    assertThat(results.failures()).isEmpty();
    assertThat(results.byCell().keySet().stream().map(Study.Cell::name))
        .containsExactlyElementsOf(there.cells().stream().map(Study.Cell::name).toList());
    assertThat(told).hasSize(8);
    assertThat(told.subList(0, 2)).allMatch(run -> run.startsWith("+"));
    assertThat(steps).hasPositiveValue();
    assertThat(reported).hasSize(2).endsWith(4);
    here.run();
    assertThat(KeptRuns.of(folder.resolve("there"))).isEqualTo(KeptRuns.of(folder.resolve("here")));
    assertThat(folder.resolve("there/workers")).isDirectoryContaining("glob:**worker-2.log");

    // nothing is left to do
    assertThat(there.run(workers(2, arguments)).results()).hasSize(4);
  }

  @Test
  void run_whoseProcessDies_isMadeAnew_andFailsIfItDiesAgain() throws IOException {
    List<String> arguments = arguments("fails", "dies once", "dies", "0.01");

    Study.Results<PruneReport> results = study("there", arguments).run(workers(1, arguments));

    assertThat(results.results())
        .extracting(PruneReport::recipe)
        .containsExactly("dies once", "0.01", "dies once", "0.01");
    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .containsExactly(
            "no such head",
            "worker that ended in the middle of a run, 2 times: "
                + folder.resolve("there/workers/worker-1.log")
                + "; expected a result, found its process ended, exit code 7; the log says more;"
                + " code 137 is a lack of memory or a kill.",
            "no such head",
            results.failures().values().stream().skip(1).findFirst().orElseThrow().getMessage());
  }

  @Test
  void plan_thatBuildsAnotherStudy_orNone_isRefused() throws IOException {
    Study<PruneReport> study = study("there", arguments("0.01"));
    Path log = folder.resolve("there/workers/worker-1.log");

    assertThatIOException()
        .isThrownBy(() -> study.run(workers(1, arguments("0.02"))))
        .withMessageStartingWith("worker of another study: " + log);
    assertThatIOException()
        .isThrownBy(() -> study.run(workers(1, arguments("0.02", "nothing"))))
        .withMessageStartingWith("worker that does not begin: " + log)
        .withMessageContaining("found no such images");
    assertThat(Files.readString(log)).contains("IOException: no such images");
    assertThat(folder.resolve("there/runs/tiny")).doesNotExist();
  }

  /** Otherwise each worker would end at its first checkpoint, run after run. */
  @Test
  void folderThatAWorkerCannotWrite_endsTheStudy() throws IOException {
    List<String> arguments = arguments("0.001", "0.01");
    Study<PruneReport> study = study("there", arguments);
    Path checkpoints = folder.resolve("there/checkpoints");
    Files.createDirectories(checkpoints.getParent());
    Files.writeString(checkpoints, "a file");
    List<String> failed = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void runFailed(String run, Throwable cause) {
            failed.add(cause.getMessage());
          }
        };

    assertThatIOException()
        .isThrownBy(() -> study.listener(listener).run(workers(1, arguments)))
        .withMessageStartingWith("checkpoint cannot be written: " + checkpoints);
    assertThat(failed).hasSize(1);
  }

  /** Java's own words would be that it cannot run Java. */
  @Test
  void logThatCannotBeWritten_isToldBeforeAnyRun() throws IOException {
    List<String> arguments = arguments("0.01");
    Path log = Files.createDirectories(folder.resolve("there/workers/worker-2.log"));

    assertThatIOException()
        .isThrownBy(() -> study("there", arguments).run(workers(2, arguments)))
        .withMessageStartingWith(
            "log of a worker cannot be written: " + log + "; expected a file to write into, found");
    Files.delete(log);
    Files.delete(log.resolveSibling("worker-1.log"));
    Files.delete(log.getParent());
    Files.writeString(log.getParent(), "a file");
    assertThatIOException()
        .isThrownBy(() -> study("there", arguments).run(workers(1, arguments)))
        .withMessageContaining("found a file " + log.getParent() + "; move it or choose another");
  }

  /** What a failure says comes whole, whatever the machine's encoding and the engine's output. */
  @Test
  void messages_comeWhole() throws IOException {
    List<String> arguments = arguments("fails oddly", "prints");

    Study.Results<PruneReport> results =
        study("there", arguments)
            .run(
                workers(1, arguments)
                    .jvmOptions("-Dfile.encoding=US-ASCII", "-Dstdout.encoding=US-ASCII"));

    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .containsOnly("größer");
    assertThat(results.results()).extracting(PruneReport::recipe).containsOnly("prints");
  }

  /** An error leaves a JVM in doubt, and threads of the study would keep it from ending. */
  @Test
  void run_thatEndsInAnError_endsItsProcess_andTellsTheErrorAndTheLog() throws IOException {
    List<String> arguments = arguments("overflows", "lacks memory", "throws oddly", "0.01");

    Study.Results<PruneReport> results = study("there", arguments).run(workers(1, arguments));

    Path log = folder.resolve("there/workers/worker-1.log");
    String twice = "worker that ended in the middle of a run, 2 times: " + log;
    String thrown = "the log has where that was thrown";
    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .startsWith(
            twice + "; expected a result, found java.lang.StackOverflowError; " + thrown + ".",
            twice
                + "; expected a result, found java.lang.OutOfMemoryError: Java heap space; "
                + thrown
                + "; a worker has the heap of this JVM: start it with more, such as -Xmx4g.",
            "run that failed in a worker: "
                + log
                + "; expected a result, found java.lang.ArrayIndexOutOfBoundsException: Index 5 out"
                + " of bounds for length 3; "
                + thrown
                + ".")
        .hasSize(2 * 3);
    assertThat(results.results()).extracting(PruneReport::recipe).containsOnly("0.01");
    assertThat(Files.readString(log))
        .contains("java.lang.StackOverflowError", "at org.vpns.study.process.TinyPlan.act");
  }

  /** As it is run once more in a new process, which has all its memory. */
  @Test
  void run_thatEndsInAnErrorOnce_isMade() throws IOException {
    List<String> arguments = arguments("overflows once");

    Study.Results<PruneReport> results = study("there", arguments).run(workers(1, arguments));

    assertThat(results.failures()).isEmpty();
    assertThat(results.results()).hasSize(2);
  }

  @Test
  void plan_thatEndsInAnError_isToldByIt() throws IOException {
    Study<PruneReport> study = study("there", arguments("0.01"));

    assertThatIOException()
        .isThrownBy(() -> study.run(workers(1, arguments("0.01", "nothing at all"))))
        .withMessageStartingWith("worker that does not begin: ")
        .withMessageContaining("found java.lang.OutOfMemoryError: Java heap space; mend what");
  }

  /** A plan that does not come to an end holds up neither who is interrupted nor the other. */
  @Test
  void study_interruptedWhileAWorkerBuilds_ends() throws Exception {
    Study<PruneReport> study = study("there", arguments("0.01"));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread asking =
        new Thread(
            () -> {
              try {
                study.run(workers(1, arguments("forever")));
              } catch (IOException e) {
                thrown.set(e);
              }
            });
    asking.start();
    while (asking.isAlive() && !Files.exists(folder.resolve("building"))) {
      asking.join(20);
    }

    asking.interrupt();
    asking.join(60_000); // the guard of a test that would hang

    assertThat(asking.isAlive()).isFalse();
    assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
  }

  @Test
  void options_ofThisJvm_arePassedOn_butForThoseThatTakeAPortOrFile() {
    assertThat(
            List.of(
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-Duser.language=de",
                "-ea",
                "--add-modules=jdk.incubator.vector",
                "--enable-preview"))
        .allMatch(WorkerProcesses::isPassedOn);
    assertThat(
            List.of(
                "-javaagent:jacoco.jar",
                "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
                "-Xrunjdwp:address=5005",
                "-Xdebug",
                "-XX:StartFlightRecording=filename=x.jfr",
                "-Dcom.sun.management.jmxremote.port=9010"))
        .noneMatch(WorkerProcesses::isPassedOn);
  }

  @Test
  void workers_ofNumbersOutOfRange_areRefused() {
    List<String> none = List.of();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerProcesses.of(0, TinyPlan.class, none))
        .withMessageStartingWith("number out of range: WorkerProcesses.of, count");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerProcesses.of(1, TinyPlan.class, none).threads(0))
        .withMessageStartingWith("number out of range: WorkerProcesses.threads");
  }
}
