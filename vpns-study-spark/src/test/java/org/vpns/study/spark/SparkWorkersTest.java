package org.vpns.study.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.Study;
import org.vpns.study.StudyListener;
import org.vpns.study.process.TinyPlan;
import org.vpns.testing.MissingArguments;
import org.vpns.testing.TinyResNet;

/** Runs that Spark makes are those that this JVM makes; here its executor is this JVM as well. */
class SparkWorkersTest {
  @TempDir Path folder;
  private @Nullable JavaSparkContext context;

  private static SparkConf local() {
    return new SparkConf(false)
        .setMaster("local[2]")
        .setAppName("test")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  private JavaSparkContext context() {
    if (context == null) {
      context = new JavaSparkContext(local());
    }
    return context;
  }

  @AfterEach
  void stop() {
    if (context != null) {
      context.stop();
    }
  }

  private List<String> arguments(String... methods) {
    List<String> all = new ArrayList<>(List.of(folder.toString()));
    all.addAll(List.of(methods));
    return all;
  }

  private Study<PruneReport> study(String name, List<String> arguments) throws IOException {
    return new TinyPlan().study(arguments).in(folder.resolve(name));
  }

  private SparkWorkers workers(List<String> arguments) {
    return SparkWorkers.of(context(), TinyPlan.class, arguments);
  }

  /** Two at a time are asked for, and made one after the other, as the JVM is the same. */
  @Test
  void study_byExecutors_hasTheResultsAndModelsOfThisJvm() throws IOException {
    List<String> arguments = arguments("0.001", "0.01");
    Study<PruneReport> there = study("there", arguments).keepingModels();
    List<Integer> reported = new ArrayList<>();

    Study.Results<PruneReport> results =
        there.reporting(r -> reported.add(r.byCell().size())).run(workers(arguments).slots(2));

    assertThat(results.failures()).isEmpty();
    assertThat(results.results()).hasSize(4);
    assertThat(reported).hasSize(2).endsWith(4);
    Study<PruneReport> here = study("here", arguments).keepingModels();
    here.run();
    assertThat(KeptRuns.of(folder.resolve("there"))).isEqualTo(KeptRuns.of(folder.resolve("here")));
    for (Study.Cell<PruneReport> cell : there.cells()) {
      for (String file : List.of("weights.safetensors", "masks.vpns")) {
        assertThat(there.model(cell).resolve(file))
            .hasSameBinaryContentAs(here.model(cell).resolve(file));
      }
      try (Model network = TinyResNet.newModel();
          PrunedModel model = PrunedModel.load(there.model(cell), network)) {
        assertThat(model.report()).isNotNull();
      }
    }
    // nothing is left to do
    assertThat(there.run(workers(arguments)).results()).hasSize(4);
  }

  @Test
  void run_thatFails_isToldAndStopsNoOther() throws IOException {
    List<String> arguments = arguments("fails", "lacks memory", "0.01");

    Study.Results<PruneReport> results = study("there", arguments).run(workers(arguments));

    assertThat(results.results()).extracting(PruneReport::recipe).containsExactly("0.01", "0.01");
    assertThat(results.failures().values())
        .extracting(Throwable::getMessage)
        .containsExactlyInAnyOrder(
            "no such head",
            "java.lang.OutOfMemoryError: Java heap space",
            "no such head",
            "java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void plan_thatBuildsAnotherStudy_orNone_isRefused() throws IOException {
    Study<PruneReport> study = study("there", arguments("0.01"));

    assertThatIOException()
        .isThrownBy(() -> study.run(workers(arguments("0.02"))))
        .withMessageStartingWith("executor with another study: " + TinyPlan.class.getName());
    assertThatIOException()
        .isThrownBy(() -> study.run(workers(arguments("0.02", "nothing"))))
        .withMessage("no such images");
    assertThat(folder.resolve("there/runs/tiny")).doesNotExist();
  }

  @Test
  void context_thatIsStopped_isToldAtOnce_andLeavesWhatIsDone() throws IOException {
    List<String> arguments = arguments("0.001", "0.01");
    Study<PruneReport> study = study("there", arguments);
    StudyListener stopping =
        new StudyListener() {
          @Override
          public void runFinished(String run, String line) {
            context().stop();
          }
        };

    assertThatIOException()
        .isThrownBy(() -> study.listener(stopping).run(workers(arguments)))
        .withMessageStartingWith(
            "Spark application that has ended: " + context().sc().applicationId());
    assertThat(KeptRuns.of(folder.resolve("there"))).isNotEmpty();
    assertThatIOException()
        .isThrownBy(() -> study.run(workers(arguments)))
        .withMessageStartingWith("Spark application that has ended");
  }

  @Test
  void workers_ofNumbersOutOfRange_areRefused() {
    SparkWorkers workers = SparkWorkers.of(local(), TinyPlan.class, List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> workers.slots(0))
        .withMessageStartingWith("number out of range: SparkWorkers.slots");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> workers.threads(0))
        .withMessageStartingWith("number out of range: SparkWorkers.threads");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> workers.patience(Duration.ofSeconds(-1)))
        .withMessageStartingWith("negative time: SparkWorkers.patience");
  }

  @Test
  void application_thatCannotBeStarted_isTold() throws IOException {
    List<String> arguments = arguments("0.01");
    Study<PruneReport> study = study("there", arguments);

    assertThatIOException()
        .isThrownBy(
            () -> study.run(SparkWorkers.of(new SparkConf(false), TinyPlan.class, arguments)))
        .withMessageStartingWith("Spark application that cannot be started: no spark.master");
  }

  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() {
    return MissingArguments.of(SparkWorkers.class);
  }
}
