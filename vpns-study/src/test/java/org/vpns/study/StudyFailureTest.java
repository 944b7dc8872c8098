package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.vpns.study.TinyStudies.arm;
import static org.vpns.study.TinyStudies.stage;
import static org.vpns.study.TinyStudies.task;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Sparsity;
import org.vpns.internal.io.UnwritableException;
import org.vpns.internal.io.WriteFailure;
import org.vpns.report.PruneReport;
import org.vpns.train.ImageSets;
import org.vpns.train.RunListener;

/** What goes wrong in a study is told, hides nothing, and stays in the study's folder. */
class StudyFailureTest {
  @TempDir Path folder;

  private static Study.Arm<PruneReport> failing(String name, Throwable failure) {
    return (sparsity, seed) ->
        StudyRun.of(
            TinyStudies.recipe(name, seed, stage("last", 1, 0.01)),
            (recipe, network, images) -> {
              throw StudyFailureTest.<RuntimeException>undeclared(failure);
            });
  }

  /** As other languages of the JVM throw it. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T undeclared(Throwable failure) throws T {
    throw (T) failure;
  }

  private Study<PruneReport> study(Study.Arm<PruneReport> arm) {
    return Study.of(arm).sparsities("0").on(task("tiny")).in(folder);
  }

  /** Each would name a file elsewhere: beside the folder, at the root of the file system. */
  @ParameterizedTest
  @ValueSource(strings = {"", "..", "/", ". .", "数字", "\u001b["})
  void names_withoutASignForAFile_areRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Study.of(arm("m", 0.1)).sparsities("0").on(task(name)))
        .withMessageStartingWith("name that no file can bear: new Study.Cell, task; expected ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Study.of(arm(name, 0.1)).sparsities("0").on(task("tiny")))
        .withMessageStartingWith("name that no file can bear: new Study.Cell, method; expected ");
  }

  @Test
  void names_withSignsThatFilesDoNotBear_arePartsOfAPathWithoutThem() {
    Study<PruneReport> study = Study.of(arm("A\\b\n", 0.1)).sparsities("0").on(task("größe/../.."));
    assertThat(study.cells().get(0).name()).isEqualTo("gr-e-..-../a-b-0-1");
  }

  @Test
  void names_thatAreTooLongForAFile_areRefused() throws IOException {
    String most = "m".repeat(150);
    assertThat(study(arm(most, 0.01)).run().failures()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> study(arm(most + "m", 0.01)))
        .withMessageContaining("expected 1 to 150 signs");
  }

  @Test
  void label_ofNamesThatActOnATerminal_isSafe() {
    Study.Cell<PruneReport> cell =
        Study.of(arm("a\u001b[31m", 0.1)).sparsities("0").on(task("t\r")).cells().get(0);
    assertThat(cell.label()).isEqualTo("a\\u001b[31m 0 seed 1 on t ");
  }

  @Test
  void name_thatIsMissing_isTold() {
    assertThatNullPointerException()
        .isThrownBy(() -> Study.of(arm("m", 0.1)).sparsities("0").on(task(null)))
        .withMessageStartingWith("argument missing: new Study.Cell, name of the task; ");
  }

  @Test
  void run_thatFailsWithACheckedException_isTold_andTheOthersAreMade() throws IOException {
    Exception failure = new Exception("of another language");
    Study<PruneReport> study =
        Study.of(failing("Broken", failure), arm("Slow", 0.01))
            .sparsities("0")
            .on(task("tiny"))
            .in(folder);
    Study.Results<PruneReport> results = study.run();

    assertThat(results.failures()).containsEntry(study.cells().get(0), failure);
    assertThat(results.results()).extracting(PruneReport::recipe).containsExactly("Slow");
  }

  private static Stream<Error> errorsOfARun() {
    return Stream.of(
        new OutOfMemoryError("Java heap space"),
        new StackOverflowError(),
        new NoClassDefFoundError("org/example/Head"),
        new ExceptionInInitializerError(new IllegalStateException("no settings")),
        new AssertionError("not to be"),
        new Error("of another library") {});
  }

  @ParameterizedTest
  @MethodSource("errorsOfARun")
  void run_thatEndsWithAnError_isTold_andTheOthersAreMade(Error failure) throws IOException {
    StudyEvents events = new StudyEvents();
    Study<PruneReport> study =
        Study.of(failing("Broken", failure), arm("Slow", 0.01))
            .sparsities("0")
            .on(task("tiny"))
            .in(folder)
            .listener(events);

    Study.Results<PruneReport> results = study.run();

    assertThat(results.failures()).containsExactly(Map.entry(study.cells().get(0), failure));
    assertThat(results.results()).extracting(PruneReport::recipe).containsExactly("Slow");
    assertThat(events.told)
        .containsSubsequence(
            "failed Broken 0 seed 1 on tiny: " + failure.getMessage(), "finished", "ended");
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> study.run(0, new RunListener() {}))
        .withCause(failure);
  }

  /** A real one: more than the largest array, and a recursion without an end. */
  @Test
  void runs_thatTakeAllMemoryAndAllOfTheStack_areTold_andTheOthersAreMade() throws IOException {
    Study.Results<PruneReport> results =
        Study.of(
                acting("Greedy", () -> new long[Integer.MAX_VALUE].clone()),
                acting("Deep", () -> deep(0)),
                arm("Slow", 0.01))
            .sparsities("0")
            .on(task("tiny"))
            .in(folder)
            .run();

    assertThat(results.failures().values())
        .hasExactlyElementsOfTypes(OutOfMemoryError.class, StackOverflowError.class);
    assertThat(results.results()).hasSize(1);
  }

  /** No stack takes so many calls. */
  private static long deep(long calls) {
    return calls == Long.MAX_VALUE ? 0 : 1 + deep(calls + 1);
  }

  private static Study.Arm<PruneReport> acting(String name, Supplier<Object> act) {
    return (sparsity, seed) ->
        StudyRun.of(
            TinyStudies.recipe(name, seed, stage("last", 1, 0.01)),
            (recipe, network, images) -> {
              assertThat(act.get()).isNotNull();
              return recipe;
            });
  }

  /** Nothing can be said of the runs after it. */
  @ParameterizedTest
  @MethodSource("errorsOfAJvm")
  void error_ofTheJvm_isTold_andEndsTheStudy(Error failure) {
    StudyEvents events = new StudyEvents();
    Throwable thrown =
        catchThrowable(
            () ->
                Study.of(failing("Broken", failure), arm("Slow", 0.01))
                    .sparsities("0")
                    .on(task("tiny"))
                    .in(folder)
                    .listener(events)
                    .run());

    assertThat(thrown).isSameAs(failure);
    assertThat(events.told)
        .containsSubsequence("failed Broken 0 seed 1 on tiny: " + failure.getMessage(), "ended")
        .noneMatch(line -> line.contains("Slow"));
  }

  private static Stream<Error> errorsOfAJvm() {
    return Stream.of(new InternalError("a fault in unsafe memory access"), new ThreadDeath());
  }

  /** Images that do not fit the memory are no reason against a task with smaller ones. */
  @Test
  void images_thatDoNotFitTheMemory_areOfTheirTaskAlone() throws IOException {
    StudyTask real = task("tiny");
    StudyTask large =
        new StudyTask() {
          @Override
          public String name() {
            return "large";
          }

          @Override
          public Model network() throws IOException {
            return real.network();
          }

          @Override
          public ImageSets images(long seed, NDManager manager) {
            throw new OutOfMemoryError("Java heap space");
          }
        };
    Study.Results<PruneReport> results =
        Study.of(arm("m", 0.01)).sparsities("0").on(large, real).in(folder).run();

    assertThat(results.failures().values()).hasExactlyElementsOfTypes(OutOfMemoryError.class);
    assertThat(results.results()).hasSize(1);
  }

  @Test
  void result_thatCannotBeWritten_isTold_andEndsTheStudy() {
    IOException failure = new IOException("no room");
    StudyEvents events = new StudyEvents();
    Study<PruneReport> study =
        study((sparsity, seed) -> new Unwritten(arm("m", 0.1).at(sparsity, seed), failure));

    assertThat(catchThrowable(() -> study.listener(events).run())).isSameAs(failure);
    assertThat(events.told).containsSubsequence("failed m 0 seed 1 on tiny: no room", "ended");
  }

  @Test
  void task_thatGivesNothing_isNamed() throws IOException {
    StudyTask real = task("tiny");
    StudyTask noNetwork = new Given("tiny", null, real);
    Study<PruneReport> study =
        Study.of(arm("m", 0.1)).sparsities("0").on(noNetwork).in(folder.resolve("network"));
    assertThat(study.run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageStartingWith(
            "argument missing: task tiny, what StudyTask.network gives; expected a value,");

    StudyTask noImages = new Given("tiny", real, null);
    study = Study.of(arm("m", 0.1)).sparsities("0").on(noImages).in(folder.resolve("images"));
    assertThat(study.run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageStartingWith("argument missing: task tiny, what StudyTask.images gives; ");
  }

  @Test
  void runAndListener_thatGiveNothing_areNamed() throws IOException {
    Study<PruneReport> study =
        study((sparsity, seed) -> new Unwritten(arm("m", 0.1).at(sparsity, seed), null));
    assertThat(study.run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageStartingWith("argument missing: m 0 seed 1 on tiny, what StudyRun.run gives; ");

    StudyListener deaf =
        new StudyListener() {
          @Override
          public RunListener runStarted(String run, long steps) {
            return null;
          }
        };
    assertThatNullPointerException()
        .isThrownBy(() -> study(arm("m", 0.1)).listener(deaf).run())
        .withMessageStartingWith("argument missing: " + deaf.getClass().getName())
        .withMessageContaining("what StudyListener.runStarted gives; ");
  }

  /** A run that gives null where it is asked for this, and an arm of such runs. */
  private static Study.Arm<PruneReport> without(String method) {
    return (sparsity, seed) -> {
      StudyRun<PruneReport> real = arm("m", 0.1).at(sparsity, seed);
      Object run =
          Proxy.newProxyInstance(
              StudyFailureTest.class.getClassLoader(),
              new Class<?>[] {StudyRun.class},
              (self, asked, arguments) ->
                  asked.getName().equals(method) ? null : asked.invoke(real, arguments));
      @SuppressWarnings("unchecked") // of the type of the real one
      StudyRun<PruneReport> typed = (StudyRun<PruneReport>) run;
      return typed;
    };
  }

  @Test
  void armsAndRuns_thatTellNothing_areNamedBeforeAnythingIsRun() {
    assertThatNullPointerException()
        .isThrownBy(() -> study((sparsity, seed) -> null))
        .withMessageContaining(", what Study.Arm.at gives; ");
    assertThatNullPointerException()
        .isThrownBy(() -> study(without("method")))
        .withMessageContaining("new Study.Cell, name of the method; ");
    assertThatNullPointerException()
        .isThrownBy(() -> study(without("sparsity")))
        .withMessageContaining("run of m, what StudyRun.sparsity gives; ");
    assertThatNullPointerException()
        .isThrownBy(() -> study(without("options")))
        .withMessageContaining("run of m, what StudyRun.options gives; ");
  }

  @Test
  void runs_thatTellNothingOfWhatTheyGave_areNamed() throws IOException {
    assertThat(study(without("line")).run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageContaining("m 0 seed 1 on tiny, what StudyRun.line gives; ");
    // its result is there by now
    assertThatNullPointerException()
        .isThrownBy(() -> study(without("read")).run())
        .withMessageContaining("m 0 seed 1 on tiny, what StudyRun.read gives; ");
    Study<PruneReport> unfitted =
        Study.of(
                (Sparsity sparsity, long seed) ->
                    StudyRun.of(
                        TinyStudies.recipe("unfitted", seed, stage("last", 1, 0.01)),
                        (recipe, network, images) -> null))
            .sparsities("0")
            .on(task("tiny"))
            .in(folder.resolve("unfitted"));
    assertThat(unfitted.run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageContaining(", what StudyRun.Fitting.fit gives; ");
  }

  @Test
  void workers_thatAreNone_areNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> study(arm("m", 0.1)).run((Workers) job -> null))
        .withMessageContaining("what Workers.open gives; ");
  }

  /** A task of which a part is another's. */
  private record Given(String name, StudyTask model, StudyTask images) implements StudyTask {
    @Override
    public Model network() throws IOException {
      return model == null ? null : model.network();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) throws IOException {
      return images == null ? null : images.images(seed, manager);
    }
  }

  /** A run whose result cannot be kept, or which has none. */
  private record Unwritten(StudyRun<PruneReport> real, IOException failure)
      implements StudyRun<PruneReport> {
    @Override
    public String method() {
      return real.method();
    }

    @Override
    public Sparsity sparsity() {
      return real.sparsity();
    }

    @Override
    public long seed() {
      return real.seed();
    }

    @Override
    public Map<String, String> options() {
      return real.options();
    }

    @Override
    public long gradientSteps(long images) {
      return real.gradientSteps(images);
    }

    @Override
    public PruneReport run(Place place) throws IOException {
      return failure == null ? null : real.run(place);
    }

    @Override
    public void write(PruneReport result, Path file) throws IOException {
      throw failure;
    }

    @Override
    public PruneReport read(Path file, Place place) throws IOException {
      return real.read(file, place);
    }

    @Override
    public String line(PruneReport result) {
      return real.line(result);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"format\": \"another\"}", "half", "all but the last sign"})
  void keptResult_thatIsDamaged_isMadeAgainOnceItIsDeleted(String damage) throws IOException {
    Study<PruneReport> study = study(arm("m", 0.01));
    PruneReport whole = study.run().results().get(0);
    Path file = folder.resolve("runs/tiny/m-0-1.json");
    String intact = Files.readString(file).strip();
    String text =
        switch (damage) {
          case "half" -> intact.substring(0, intact.length() / 2);
          case "all but the last sign" -> intact.substring(0, intact.length() - 1);
          default -> damage;
        };
    Files.writeString(file, text);

    assertThatIOException()
        .isThrownBy(study::run)
        .withMessage(
            "kept result cannot be read: "
                + file
                + "; expected what a run of this study has left, found a damaged file, or one of"
                + " another kind; delete the file, and the study makes this run again.")
        .withCauseInstanceOf(IOException.class);
    assertThat(file).hasContent(text);

    Files.delete(file);
    assertThat(study.run().results().get(0).tuned()).isEqualTo(whole.tuned());
  }

  /** As a power cut may leave it on a disk that had promised otherwise. */
  @Test
  void stage_ofWhichHalfIsThere_isMadeAgainOnceItIsDeleted() throws IOException {
    Study<PruneReport> study = study(arm("m", 0.01));
    PruneReport whole = study.run().results().get(0);
    Files.delete(folder.resolve("runs/tiny/m-0-1.json"));
    Path stage;
    try (Stream<Path> stages = Files.list(folder.resolve("stages"))) {
      stage = stages.findFirst().orElseThrow();
    }
    byte[] content = Files.readAllBytes(stage);
    Files.write(stage, Arrays.copyOf(content, content.length / 2));

    assertThat(study.run().failures().values())
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessage(
            "checkpoint damaged: "
                + stage
                + ", content; expected a whole file, as a run writes it, found one that cannot be"
                + " read; delete the file and start again.");

    Files.delete(stage);
    assertThat(study.run().results().get(0).tuned()).isEqualTo(whole.tuned());
  }

  @Test
  void listener_thatFailsAtTheEnd_doesNotHideTheFirstFailure() {
    IllegalStateException first = new IllegalStateException("first");
    StudyListener listener =
        new StudyListener() {
          @Override
          public RunListener runStarted(String run, long steps) {
            throw first;
          }

          @Override
          public void studyEnded() {
            throw new IllegalStateException("second");
          }
        };
    Throwable thrown = catchThrowable(() -> study(arm("m", 0.1)).listener(listener).run());

    assertThat(thrown).isSameAs(first);
    assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).containsExactly("second");
  }

  @Test
  void listener_thatFailsAtAFailure_endsTheStudy_andTellsBoth() {
    IllegalArgumentException failure = new IllegalArgumentException("no such head");
    StudyListener listener =
        new StudyListener() {
          @Override
          public void runFailed(String run, Throwable cause) {
            throw new IllegalStateException("no more");
          }
        };
    Throwable thrown =
        catchThrowable(() -> study(failing("Broken", failure)).listener(listener).run());

    assertThat(thrown).hasMessage("no more").hasSuppressedException(failure);
  }

  @Test
  void folder_thatIsAFile_isToldBeforeTheFirstRun() throws IOException {
    Path file = Files.writeString(folder.resolve("notes"), "a file");
    StudyEvents events = new StudyEvents();
    assertThatIOException()
        .isThrownBy(() -> study(arm("m", 0.1)).in(file).listener(events).run())
        .withMessageStartingWith(
            "results of a study cannot be kept: " + file + "; expected a folder to write into, ");
    assertThat(events.told).isEmpty();
  }

  /** As on a disk that is full: each run would come to its first checkpoint, and no further. */
  @ParameterizedTest
  @ValueSource(strings = {"checkpoints", "stages"})
  void folderOfARun_thatCannotBeWritten_endsTheStudy(String name) throws IOException {
    Files.writeString(folder.resolve(name), "a file");
    StudyEvents events = new StudyEvents();
    assertThatIOException()
        .isThrownBy(
            () ->
                Study.of(arm("m", 0.1), arm("n", 0.1))
                    .sparsities("0")
                    .on(task("tiny"))
                    .in(folder)
                    .listener(events)
                    .run())
        .withMessageStartingWith("checkpoint cannot be written: " + folder.resolve(name));
    assertThat(events.told)
        .filteredOn(line -> line.startsWith("failed"))
        .singleElement()
        .asString()
        .startsWith("failed m 0 seed 1 on tiny: checkpoint cannot be written: ");
  }

  /** What a run writes elsewhere is its own affair. */
  @Test
  void run_thatCannotWriteElsewhere_fails_andTheOthersAreMade(@TempDir Path elsewhere)
      throws IOException {
    Path file = elsewhere.resolve("no such folder/notes");
    IOException failure = new FileAlreadyExistsException(file.toString());
    UnwritableException told = WriteFailure.told("no notes", file, "a folder", failure, null);
    Study.Results<PruneReport> results =
        Study.of(failing("Broken", told), arm("Slow", 0.01))
            .sparsities("0")
            .on(task("tiny"))
            .in(folder)
            .run();
    assertThat(results.failures().values()).containsExactly(told);
    assertThat(results.results()).hasSize(1);
  }

  @Test
  void folderOfModels_thatCannotBeWritten_isToldBeforeTheFirstStep() throws IOException {
    Files.writeString(folder.resolve("models"), "a file");
    StudyEvents events = new StudyEvents();
    assertThatIOException()
        .isThrownBy(() -> study(arm("m", 0.1)).keepingModels().listener(events).run())
        .withMessageStartingWith(
            "results of a study cannot be kept: " + folder.resolve("models").resolve("tiny"));
    assertThat(events.steps).isZero();
  }
}
