package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Batch norm keeps a network's running statistics, whatever the method, where a recipe says so. */
final class FrozenStatisticsTest {
  private static Map<String, List<Integer>> statistics(Model model) {
    Map<String, List<Integer>> all = Outcome.parameters(model);
    Map<String, List<Integer>> statistics = new TreeMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      if (p.isStatistic()) {
        statistics.put(p.path(), all.get(p.path()));
      }
    }
    return statistics;
  }

  private static Map<String, List<Integer>> after(Recipe recipe) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(recipe).fit(model, SmallRuns.splits(manager))) {
      assertThat(pruned.masks().kept()).isPositive();
      return statistics(model);
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void statistics_stayToTheBit(Method method) {
    Map<String, List<Integer>> before;
    try (Model model = FixtureRuns.block()) {
      before = statistics(model);
    }
    assertThat(before).isNotEmpty();
    Recipe recipe = method.recipe("0.8").freezeStatistics().build();
    assertThat(recipe.stages()).allMatch(stage -> stage.freezesStatistics());
    assertThat(after(recipe)).isEqualTo(before);
  }

  @Test
  void withoutIt_theyMove() {
    try (Model model = FixtureRuns.block()) {
      assertThat(after(Method.OMP.recipe("0.8").build())).isNotEqualTo(statistics(model));
    }
  }

  @Test
  void optionsOfARun_tellIt() {
    assertThat(Method.HYDRA.recipe("0.8").freezeStatistics().build().options().values())
        .filteredOn(words -> words.contains("statistics frozen"))
        .hasSize(2);
  }

  @Test
  void twice_isRefused() {
    Recipe.Builder recipe = Method.OMP.recipe("0.8").freezeStatistics();
    assertThatThrownBy(recipe::freezeStatistics)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("option set twice: Recipe.freezeStatistics;")
        .satisfies(Untouched::assertForm);
  }
}
