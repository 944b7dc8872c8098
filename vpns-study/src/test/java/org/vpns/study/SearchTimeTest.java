package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Searches with less time than runs take, or more than there is. */
class SearchTimeTest {
  private static final SearchOption<Double> RATE = SearchOption.of("rate", 1e-3, 0.01, 0.1);

  @TempDir Path folder;

  private Search search(SearchSpace... methods) {
    StudyTask task =
        new StudyTask() {
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
            return ImageSets.of(TinyRuns.dataset(manager, 0, 40), TinyResNet.TARGET_CLASSES);
          }
        };
    return Study.search(task, methods).steps(9).shortest(1).in(folder);
  }

  private static Recipe recipe(double rate, long steps) {
    Stage tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(rate))
            .pass(Pass.plain())
            .length(Length.iterations(steps))
            .build();
    return Recipe.of("any", Sparsity.DENSE, tune)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  /** One with a single setting has runs of the full length alone, which come last. */
  @Test
  void time_thatIsUpAtOnce_leavesNoMethodWithoutARun() throws IOException {
    SearchSpace many =
        SearchSpace.of("Many", (choice, steps) -> recipe(choice.get(RATE), steps)).over(RATE);
    SearchSpace single = SearchSpace.of("Single", (choice, steps) -> recipe(0.01, steps));

    SearchResults found = search(many, single).time(Duration.ofNanos(1)).run();

    assertThat(found.timeIsUp()).isTrue();
    assertThat(found.trials())
        .extracting(trial -> trial.method() + " " + trial.steps())
        .containsExactly("Many 1", "Single 9");
  }

  @Test
  void time_thatNoClockHas_isRefused() {
    SearchSpace single = SearchSpace.of("Single", (choice, steps) -> recipe(0.01, steps));
    Duration year = Duration.ofDays(365);
    assertThat(search(single).time(year)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(single).time(year.plusNanos(1)))
        .withMessageStartingWith(
            "time out of range: Search.time; expected more than 0, at most PT8760H, found ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(single).time(Duration.ZERO))
        .withMessageStartingWith(
            "time out of range: Search.time; expected more than 0, at most PT8760H, found PT0S");
  }
}
