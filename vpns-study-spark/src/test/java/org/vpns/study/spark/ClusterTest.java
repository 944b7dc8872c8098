package org.vpns.study.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.report.PruneReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.Study;
import org.vpns.study.StudyListener;
import org.vpns.study.process.TinyPlan;

/** Executors that are JVMs of their own, of a cluster on this machine. */
@Tag("slow") // starts five JVMs for each test
class ClusterTest {
  @TempDir Path folder;

  private List<String> arguments(String... more) {
    return more.length == 0 ? List.of(folder.toString()) : List.of(folder.toString(), more[0]);
  }

  private Study<PruneReport> study(String name, List<String> arguments) {
    return new WaitingPlan().study(arguments).in(folder.resolve(name));
  }

  private void requireEqualToThisJvm() throws IOException {
    study("here", arguments("waits for nobody")).run();
    assertThat(KeptRuns.of(folder.resolve("there"))).isEqualTo(KeptRuns.of(folder.resolve("here")));
  }

  @Test
  void study_byTwoExecutors_hasTheResultsOfThisJvm() throws Exception {
    List<String> arguments = arguments("waits for nobody");
    Study<PruneReport> there = study("there", arguments);
    StandaloneCluster cluster = new StandaloneCluster(folder, 2);
    Study.Results<PruneReport> results;
    try (cluster) {
      results = there.run(SparkWorkers.of(cluster.conf(), WaitingPlan.class, arguments));
    }

    assertThat(cluster.left()).isEmpty();
    assertThat(results.results()).hasSize(4);
    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .containsExactly("no such head", "no such head");
    assertThat(Files.readAllLines(WaitingPlan.tries(folder))).hasSize(2);
    requireEqualToThisJvm();
  }

  @Test
  void executor_killedInTheMiddleOfARun_isReplaced_andNothingIsLost() throws Exception {
    List<String> arguments = arguments();
    Study<PruneReport> there = study("there", arguments);
    Thread killer = new Thread(this::killWhoWaits, "killer");
    StandaloneCluster cluster = new StandaloneCluster(folder, 2);
    Study.Results<PruneReport> results;
    try (cluster) {
      killer.start();
      results = there.run(SparkWorkers.of(cluster.conf(), WaitingPlan.class, arguments));
    }
    killer.join();

    assertThat(cluster.left()).as("of the one that was killed").hasSize(1);
    assertThat(Files.readAllLines(WaitingPlan.waiting(folder))).hasSize(2).endsWith("killed");
    assertThat(results.results()).hasSize(4);
    assertThat(results.failures()).hasSize(2);
    requireEqualToThisJvm();
  }

  /** SIGKILL, once a run waits at its fifth step. */
  private void killWhoWaits() {
    Path waiting = WaitingPlan.waiting(folder);
    try {
      while (!Files.exists(waiting) || !Files.readString(waiting).endsWith("\n")) {
        Thread.sleep(50);
      }
      long pid = Long.parseLong(Files.readString(waiting).strip());
      assertThat(pid).isNotEqualTo(ProcessHandle.current().pid());
      assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
      Files.writeString(waiting, pid + "\nkilled\n");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void run_thatEndsItsExecutor_asOftenAsSparkTries_hasFailed_andStopsNoOther() throws Exception {
    List<String> arguments = List.of(folder.toString(), "dies", "0.01");
    Study<PruneReport> there = new TinyPlan().study(arguments).in(folder.resolve("there"));
    Study.Results<PruneReport> results;
    try (StandaloneCluster cluster = new StandaloneCluster(folder, 1)) {
      SparkConf once = cluster.conf().set("spark.task.maxFailures", "1");
      results = there.run(SparkWorkers.of(once, TinyPlan.class, arguments));
    }

    assertThat(results.results()).extracting(PruneReport::recipe).containsExactly("0.01", "0.01");
    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .hasSize(2)
        .allSatisfy(
            message ->
                assertThat(message)
                    .startsWith("run that executors could not make: run ")
                    .contains("exited with code 7; the logs"));
  }

  @Test
  void cluster_thatLosesItsExecutors_endsTheStudy_whichGoesOnElsewhere() throws Exception {
    List<String> arguments = arguments("waits for nobody");
    Study<PruneReport> there = study("there", arguments);
    AtomicInteger finished = new AtomicInteger();
    try (StandaloneCluster cluster = new StandaloneCluster(folder, 1)) {
      StudyListener ending =
          new StudyListener() {
            @Override
            public void runFinished(String run, String line) {
              if (finished.incrementAndGet() == 1) {
                try {
                  cluster.endWorkers();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            }
          };
      SparkWorkers workers =
          SparkWorkers.of(cluster.conf(), WaitingPlan.class, arguments)
              .patience(Duration.ofSeconds(30));
      assertThatIOException()
          .isThrownBy(() -> there.listener(ending).run(workers))
          .withMessageStartingWith("cluster without executors: app-")
          .withMessageContaining("expected one within 30 seconds, found none");
    }
    assertThat(finished).hasValueGreaterThanOrEqualTo(1);

    there.run();

    requireEqualToThisJvm();
  }

  @Test
  void settings_ofSeveralRunsInAnExecutor_areRefused() throws Exception {
    List<String> arguments = arguments("waits for nobody");
    Study<PruneReport> there = study("there", arguments);
    try (StandaloneCluster cluster = new StandaloneCluster(folder, 1)) {
      SparkConf two = cluster.conf().set("spark.executor.cores", "2").set("spark.task.cpus", "1");
      assertThatIllegalStateException()
          .isThrownBy(() -> there.run(SparkWorkers.of(two, WaitingPlan.class, arguments)))
          .withMessageContaining("found 2 and 1; set both");
      SparkConf all = cluster.conf().setAppName("without settings");
      try (JavaSparkContext context = new JavaSparkContext(all)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> there.run(SparkWorkers.of(context, WaitingPlan.class, arguments)))
            .withMessageContaining("found all of a machine and 1");
      }
    }
  }

  @Test
  void master_thatDoesNotAnswer_isTold() {
    List<String> arguments = arguments("waits for nobody");
    SparkConf nobody = StandaloneCluster.conf("spark://127.0.0.1:9");

    assertThatIOException()
        .isThrownBy(
            () ->
                study("there", arguments)
                    .run(SparkWorkers.of(nobody, WaitingPlan.class, arguments)))
        .withMessageStartingWith(
            "Spark application that cannot be started: spark://127.0.0.1:9; expected a cluster that"
                + " answers, found an application that ended before it had an executor; ");
  }
}
