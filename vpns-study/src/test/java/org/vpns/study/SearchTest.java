package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.SearchResults.Trial;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** A search by hand-made spaces on the tiny network: 32 images to train on, 8 to choose by. */
class SearchTest {
  private static final SearchOption<Double> RATE =
      SearchOption.of("rate", 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1);

  @TempDir Path folder;

  /** What was done with test images, in whatever run: none of it may be. */
  private static final List<String> TOUCHED = new CopyOnWriteArrayList<>();

  @BeforeEach
  void forget() {
    TOUCHED.clear();
  }

  /** Runs that fail are told and lose, so a failure alone would not be noticed. */
  @AfterEach
  void testImages_areNeverTouched() {
    assertThat(TOUCHED).isEmpty();
  }

  /** A process that ends. */
  private static final class Killed extends VirtualMachineError {
    private static final long serialVersionUID = 1;
  }

  /** The tiny network; its test images cannot be read. */
  private static final class Tiny implements StudyTask {
    private final int images;

    Tiny(int images) {
      this.images = images;
    }

    @Override
    public String name() {
      return "tiny";
    }

    @Override
    public Model network() {
      return TinyResNet.newModel();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) {
      ArrayDataset train = TinyRuns.dataset(manager, 0, images);
      return ImageSets.of(train, TinyResNet.TARGET_CLASSES).test(new Untouchable());
    }
  }

  /** Images that must not be looked at. */
  private static final class Untouchable extends RandomAccessDataset {
    Untouchable() {
      super(new Builder());
    }

    private static final class Builder extends BaseBuilder<Builder> {
      Builder() {
        setSampling(1, false);
      }

      @Override
      protected Builder self() {
        return this;
      }
    }

    @Override
    public Record get(NDManager manager, long index) {
      TOUCHED.add("image " + index);
      throw new IllegalStateException("a test image was read");
    }

    @Override
    protected long availableSize() {
      return 8;
    }

    @Override
    public void prepare(@Nullable Progress progress) {
      TOUCHED.add("prepared");
      throw new IllegalStateException("the test images were prepared");
    }
  }

  private static Recipe recipe(double rate, long steps) {
    Stage tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(rate))
            .pass(Pass.plain())
            .length(Length.iterations(steps))
            .build();
    return Recipe.of("any", Sparsity.DENSE, tune)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static SearchSpace rates(String method, SearchOption<Double> rate) {
    return SearchSpace.of(method, (choice, steps) -> recipe(choice.get(rate), steps)).over(rate);
  }

  private Search search(SearchSpace... methods) {
    return Study.search(new Tiny(40), methods).steps(9).shortest(1).in(folder);
  }

  /** Counts runs and steps; ends the process after some steps. */
  private static final class Events implements StudyListener {
    final List<String> started = new ArrayList<>();
    final List<String> failed = new ArrayList<>();
    long steps;
    long left = Long.MAX_VALUE;

    @Override
    public RunListener runStarted(String run, long length) {
      started.add(run);
      return new RunListener() {
        @Override
        public void stepFinished(Step step) {
          steps++;
          if (--left == 0) {
            throw new Killed();
          }
        }
      };
    }

    @Override
    public void runFailed(String run, Throwable cause) {
      failed.add(run + ": " + cause.getMessage());
    }
  }

  /** The validation accuracy of a rate at a length, without any search. */
  private static double accuracy(double rate, long steps) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe seeded = recipe(rate, steps).toBuilder().seed(1).build();
      ImageSets images =
          ImageSets.of(TinyRuns.dataset(manager, 0, 40), TinyResNet.TARGET_CLASSES).validation(0.2);
      try (PrunedModel pruned = Trainer.of(seeded).fit(model, images)) {
        PruneReport report = pruned.report();
        Double last = report.stages().get(0).epochs().get(epochs(report) - 1).validation();
        return last == null ? Double.NaN : last;
      }
    }
  }

  private static int epochs(PruneReport report) {
    return report.stages().get(0).epochs().size();
  }

  @Test
  void budget_withRoomForAllAtFullLength_isGridSearch_withTheFiguresOfRunsByHand()
      throws IOException {
    Events events = new Events();

    SearchResults found = search(rates("SGD", RATE)).budget(6 * 9).listener(events).run();

    assertThat(events.steps).isEqualTo(6 * 9);
    assertThat(found.trials()).hasSize(6).allMatch(trial -> trial.gradientSteps() == 9);
    for (Trial trial : found.trials()) {
      double rate = Double.parseDouble(trial.settings().get("rate"));
      assertThat(trial.validation()).as(trial.words()).isEqualTo(accuracy(rate, 9));
    }
    double most = RATE.values().stream().mapToDouble(rate -> accuracy(rate, 9)).max().orElseThrow();
    assertThat(found.best().validation()).isEqualTo(most);
    assertThat(found.validationImages()).isEqualTo(8);
    assertThat(found.timeIsUp()).isFalse();
  }

  @Test
  void budget_thatIsSmaller_halves_andEveryMethodHasAnEqualPart() throws IOException {
    Events events = new Events();
    SearchOption<Double> few = SearchOption.of("rate", 0.003, 0.01);

    SearchResults found =
        search(rates("SGD", RATE), rates("Few", few)).budget(60).listener(events).run();

    // 30 each. Six: 6 of 1 step, 2 of 3, 1 of 9 = 21, as 6 of 3 and 2 of 9 = 36 are too many.
    // Two: both at full length, 18.
    assertThat(found.trials())
        .extracting(trial -> trial.method() + " " + trial.steps())
        .containsExactly(
            "SGD 9", "SGD 3", "SGD 3", "SGD 1", "SGD 1", "SGD 1", "SGD 1", "SGD 1", "SGD 1",
            "Few 9", "Few 9");
    assertThat(events.steps).isEqualTo(21 + 18);
    Trial best = found.best("SGD").orElseThrow();
    assertThat(found.trials())
        .filteredOn(trial -> trial.settings().equals(best.settings()))
        .filteredOn(trial -> trial.method().equals("SGD"))
        .hasSize(3);
    // of the shortest runs the best two go on: no other was better
    List<Trial> longer = found.trials().subList(1, 3);
    double least =
        found.trials().subList(3, 9).stream()
            .filter(t -> longer.stream().anyMatch(l -> l.settings().equals(t.settings())))
            .mapToDouble(SearchTest::validation)
            .min()
            .orElseThrow();
    assertThat(found.trials().subList(3, 9))
        .filteredOn(t -> longer.stream().noneMatch(l -> l.settings().equals(t.settings())))
        .hasSize(4)
        .allMatch(t -> validation(t) <= least);
  }

  private static double validation(Trial trial) {
    Double accuracy = trial.validation();
    return accuracy == null ? Double.NaN : accuracy;
  }

  @Test
  void shortestRuns_longerThanFullOnes_areRefused() {
    Search search = search(rates("SGD", RATE)).budget(26).shortest(10);
    assertThatIllegalStateException()
        .isThrownBy(search::run)
        .withMessage(
            "shortest runs longer than full ones: Search.shortest; expected at most 9, the steps of"
                + " a full run, found 10; lower it, or raise Search.steps.");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void budget_withoutRoomForAll_drawsBySeed() throws IOException {
    Search small = search(rates("SGD", RATE)).shortest(9);

    SearchResults two = small.budget(26).run();
    SearchResults again = small.budget(26).in(folder.resolve("again")).run();
    SearchResults other = small.budget(26).seed(3).in(folder.resolve("other")).run();

    assertThat(two.trials()).hasSize(2);
    assertThat(settings(again)).isEqualTo(settings(two));
    assertThat(settings(other)).isNotEqualTo(settings(two));
    assertThat(two.toMarkdown()).contains("| SGD | 6 | 2 | 2 | 18 |");
  }

  private static List<Map<String, String>> settings(SearchResults results) {
    return results.trials().stream().map(Trial::settings).toList();
  }

  @Test
  void search_killedAndStartedAgain_repeatsNothing_andFindsTheSame() throws IOException {
    Search whole = search(rates("SGD", RATE)).budget(21);
    SearchResults uninterrupted = whole.in(folder.resolve("whole")).run();
    Events events = new Events();
    events.left = 8;
    assertThatThrownBy(() -> whole.listener(events).run()).isInstanceOf(Killed.class);

    events.left = Long.MAX_VALUE;
    SearchResults resumed = whole.listener(events).run();

    // the run under way begins anew, as it had not come to a checkpoint
    assertThat(events.steps).isLessThan(21 + 9);
    assertThat(resumed.toCsv()).isEqualTo(uninterrupted.toCsv());
    long before = events.steps;
    assertThat(whole.listener(events).run().toCsv()).isEqualTo(resumed.toCsv());
    assertThat(events.steps).isEqualTo(before);
  }

  @Test
  void toCsv_ofNamesThatAreFormulas_makesThemText() throws IOException {
    SearchOption<String> sum = SearchOption.of("=1+1", "@a,b");
    SearchSpace space =
        SearchSpace.of("=SUM(A1)", (choice, steps) -> recipe(0.01, steps)).over(sum);

    assertThat(search(space).budget(9).run().toCsv().lines().skip(1))
        .singleElement()
        .asString()
        .startsWith("'=SUM(A1),\"'=1+1 @a,b\",9,9,");
  }

  @Test
  void tie_isDecidedByTheGrid() throws IOException {
    SearchOption<String> idle = SearchOption.of("name", "c", "a", "b");
    SearchSpace same = SearchSpace.of("Same", (choice, steps) -> recipe(0.01, steps)).over(idle);

    SearchResults found = search(same).budget(27).run();

    assertThat(found.trials()).extracting(Trial::validation).doesNotContainNull();
    assertThat(found.trials().stream().map(Trial::validation).distinct()).hasSize(1);
    assertThat(found.trials())
        .extracting(trial -> trial.settings().get("name"))
        .containsExactly("c", "a", "b");
  }

  /** Of each length the first of the grid go on, whatever order they were drawn in. */
  @Test
  void tiesInTheShorterRuns_areDecidedByTheGrid() throws IOException {
    SearchOption<String> idle = SearchOption.of("name", "f", "e", "d", "c", "b", "a");
    SearchSpace same = SearchSpace.of("Same", (choice, steps) -> recipe(0.01, steps)).over(idle);

    for (long seed = 1; seed <= 3; seed++) {
      SearchResults found = search(same).budget(21).seed(seed).in(folder.resolve("" + seed)).run();

      assertThat(found.trials())
          .extracting(trial -> trial.steps() + trial.settings().get("name"))
          .containsExactly("9f", "3f", "3e", "1f", "1e", "1d", "1c", "1b", "1a");
    }
  }

  /** As a report may say that somebody has changed: what is no number is better than none. */
  @Test
  void accuracyThatIsNoNumber_loses() throws IOException {
    SearchOption<Double> rate = SearchOption.of("rate", 0.01, 0.03);
    Search whole = search(rates("SGD", rate)).budget(18);
    Trial first = whole.run().best();
    Path kept;
    try (Stream<Path> files = Files.list(folder.resolve("runs/tiny"))) {
      kept = files.filter(f -> f.toString().contains(name(first))).findFirst().orElseThrow();
    }
    String report = Files.readString(kept);
    String accuracy = "\"validation\": " + first.validation();
    assertThat(report).contains(accuracy);
    Files.writeString(kept, report.replace(accuracy, "\"validation\": \"NaN\""));

    SearchResults found = whole.run();

    assertThat(found.best().settings()).isNotEqualTo(first.settings());
    assertThat(found.ranking()).hasSize(1);
    assertThat(found.trials().get(1).validation()).isNull();
    assertThat(found.trials().get(1).failure()).isEqualTo("no validation accuracy");
    assertThat(found.toMarkdown()).doesNotContain("NaN");
  }

  private static String name(Trial trial) {
    return trial.recipe().name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
  }

  @Test
  void runThatFails_losesAndIsTold() throws IOException {
    Events events = new Events();
    SearchOption<Double> rate = SearchOption.of("rate", 1e30, 0.01);

    SearchResults found = search(rates("SGD", rate)).budget(18).listener(events).run();

    assertThat(events.failed).hasSize(1);
    assertThat(found.best().settings()).containsEntry("rate", "0.01");
    assertThat(found.trials().get(1).validation()).isNull();
    assertThat(found.trials().get(1).failure()).isNotEmpty();
    assertThat(found.toMarkdown()).contains("| failed: ");

    SearchOption<Double> wild = SearchOption.of("rate", 1e30, 1e31);
    SearchResults none = search(rates("Wild", wild)).budget(18).run();
    assertThat(none.ranking()).isEmpty();
    assertThat(none.best("Wild")).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(none::best)
        .withMessageStartingWith("search without result: search on tiny; expected a run");
  }

  @Test
  void time_thatIsUp_stopsBetweenRuns_andTellsWhatWasFound() throws IOException {
    long[] minutes = {0};
    List<Duration> given = new ArrayList<>();
    StudyListener clock =
        new StudyListener() {
          @Override
          public void timeGiven(Duration left) {
            given.add(left);
          }

          @Override
          public RunListener runStarted(String run, long steps) {
            minutes[0]++;
            return new RunListener() {};
          }
        };
    Search timed =
        search(rates("SGD", RATE), rates("Other", RATE))
            .listener(clock)
            .clock(() -> TimeUnit.MINUTES.toNanos(minutes[0]));

    // three lengths of three minutes, a run a minute: methods take turns
    SearchResults found = timed.time(Duration.ofMinutes(9)).run();

    assertThat(found.timeIsUp()).isTrue();
    assertThat(found.trials())
        .extracting(trial -> trial.method() + " " + trial.steps())
        .containsExactly("SGD 9", "SGD 3", "SGD 1", "SGD 1", "Other 9", "Other 3", "Other 1");
    // three runs of the shortest length, two of the next
    assertThat(given)
        .containsExactly(Duration.ofMinutes(9), Duration.ofMinutes(6), Duration.ofMinutes(4));
    assertThat(found.toMarkdown()).contains("The time was up before all runs were made");

    minutes[0] = 0;
    SearchResults skipped = timed.time(Duration.ofMinutes(3)).in(folder.resolve("skipped")).run();
    assertThat(skipped.trials()) // two minutes for the first of each method, none for length 3
        .extracting(trial -> trial.method() + " " + trial.steps())
        .containsExactly("SGD 9", "SGD 1", "Other 1");

    minutes[0] = 0;
    SearchResults least = timed.time(Duration.ofSeconds(1)).in(folder.resolve("short")).run();
    assertThat(least.trials())
        .extracting(trial -> trial.method() + " " + trial.steps())
        .containsExactly("SGD 1", "Other 1");
    assertThat(least.toMarkdown()).contains("No run of the full length of 9 steps");

    minutes[0] = 0;
    SearchResults enough = timed.time(Duration.ofHours(9)).in(folder.resolve("long")).run();
    assertThat(enough.timeIsUp()).isFalse();
    assertThat(enough.trials()).hasSize(2 * (6 + 2 + 1));
  }

  @Test
  void models_thatAreKept_areThoseOfTheTrials() throws IOException {
    Search keeping = search(rates("SGD", SearchOption.of("rate", 0.01, 0.03))).keepingModels();

    SearchResults found = keeping.budget(18).run();

    try (PrunedModel model = PrunedModel.load(keeping.model(found.best()), TinyResNet.newModel())) {
      assertThat(model.report().recipe()).isEqualTo(found.best().recipe().name());
    }
  }

  @Test
  void methodWithoutOptions_isRunOnceAtFullLength() throws IOException {
    SearchResults found =
        search(SearchSpace.of("Plain", (choice, steps) -> recipe(0.01, steps))).budget(100).run();

    assertThat(found.trials()).hasSize(1);
    assertThat(found.best().steps()).isEqualTo(9);
    assertThat(found.best().settings()).isEmpty();
  }

  @Test
  void page_showsWhatWasTried() throws IOException {
    SearchOption<Double> rate = SearchOption.of("rate <&>", 1e30, 0.01);
    SearchResults found =
        search(
                SearchSpace.of("A & B", (choice, steps) -> recipe(choice.get(rate), steps))
                    .over(rate))
            .budget(18)
            .run();
    Path page = folder.resolve("search.html");

    found.writePage(page, "Rates <for> tiny");

    String html = Files.readString(page);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("<h1>Rates &lt;for&gt; tiny</h1>")
        .contains("<h3>A &amp; B</h3>")
        .contains("2 of 2 settings tried in 2 runs: 9 gradient steps, ")
        .contains("rate &lt;&amp;&gt; 0.01")
        .contains("<tr class=\"best\">")
        .contains("failed: ")
        .contains("no test image was read")
        .contains("<td>9</td><td>-</td>")
        .doesNotContain("://");
    assertThat(html).containsOnlyOnce("class=\"best\"");
  }

  @Test
  void mistakes_areTold_beforeAnythingIsRun() {
    SearchSpace sgd = rates("SGD", RATE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchOption.of("rate"))
        .withMessage(
            "option without values: SearchOption rate; expected at least 1 value, found 0;"
                + " name values to try, or leave the option out.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchOption.of("rate", 0.1, 1e-1))
        .withMessageStartingWith("value twice: SearchOption rate");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sgd.over(RATE, RATE))
        .withMessageStartingWith("two options of one name: SearchSpace SGD");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(sgd, sgd))
        .withMessageStartingWith("two methods of one name: Study.search");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search())
        .withMessageStartingWith("empty search: Study.search");
    assertThatIllegalStateException()
        .isThrownBy(search(sgd)::run)
        .withMessageStartingWith("search without end: Search.run; expected Search.budget");
    assertThatIllegalStateException()
        .isThrownBy(Study.search(new Tiny(40), sgd).budget(900)::run)
        .withMessageStartingWith("no folder for results: Search.run");
    assertThatIllegalStateException()
        .isThrownBy(search(sgd, rates("Other", RATE)).budget(17)::run)
        .withMessageStartingWith(
            "budget too small: Search.budget; expected at least 18: one run of 9 steps for each"
                + " method, found 8 for each of 2;");
    assertThatIllegalArgumentException()
        .isThrownBy(Study.search(new Tiny(20), sgd).budget(900).in(folder)::run)
        .withMessageStartingWith(
            "too few images to choose by: search on tiny, validation images; expected at least 5,"
                + " one for each class, found 4; take more images");
    assertThatIllegalArgumentException()
        .isThrownBy(
            search(SearchSpace.of("Long", (choice, steps) -> recipe(0.1, 2 * steps))).budget(900)
                ::run)
        .withMessageStartingWith(
            "recipe longer than the search allows: SearchSpace Long, -; expected at most 9"
                + " gradient steps, found 18;");
    assertThatIllegalArgumentException()
        .isThrownBy(
            search(SearchSpace.of("None", (choice, steps) -> recipe(choice.get(RATE), steps)))
                    .budget(900)
                ::run)
        .withMessageStartingWith("option that is not searched: SearchSpace None");
    assertThat(folder).isEmptyDirectory();
  }
}
