package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.examples.search.MethodSpaces;
import org.vpns.examples.search.MethodSpaces.Settings;
import org.vpns.mapping.Mappings;
import org.vpns.report.PruneReport;
import org.vpns.study.SearchSpace;
import org.vpns.study.Study;

/** The settings by hand that a search is held against are those of the quick start. */
class MethodSpacesTest {
  private static final Sparsity SPARSITY = Sparsity.of("0.99");

  @Test
  void settingsByHand_giveTheRecipesOfTheQuickStart() {
    MethodSpaces methods = methods(Settings.byHand());
    List<SearchSpace> spaces = List.of(methods.omp(), methods.hydra(), methods.vpns());

    List<Map<String, String>> byHand =
        spaces.stream().map(space -> options(runs(space).get(0))).toList();

    List<Map<String, String>> quickStart =
        new QuickStartArms(1, TrainingSettings.STEPS)
            .rivals(SPARSITY).stream()
                .limit(spaces.size())
                .map(arm -> withoutName(arm.recipe().options()))
                .toList();
    assertThat(byHand).isEqualTo(quickStart);
  }

  @Test
  void grid_holdsTheSettingsByHand() {
    MethodSpaces grid = methods(Settings.grid(SourceNetwork.input()));
    MethodSpaces hand = methods(Settings.byHand());

    assertThat(runs(grid.omp())).map(MethodSpacesTest::options).contains(options(hand.omp()));
    assertThat(runs(grid.hydra())).map(MethodSpacesTest::options).contains(options(hand.hydra()));
    assertThat(runs(grid.vpns())).map(MethodSpacesTest::options).contains(options(hand.vpns()));
  }

  private static MethodSpaces methods(Settings settings) {
    return new MethodSpaces(
        SourceNetwork.input(),
        Mappings.frequency().onDense(),
        SPARSITY,
        TrainingSettings.BATCH,
        settings);
  }

  private static Map<String, String> options(SearchSpace space) {
    return options(runs(space).get(0));
  }

  /** All runs of a space at the full length of the quick start. */
  private static List<Study.Cell<PruneReport>> runs(SearchSpace space) {
    return Study.search(Digits.all(), space)
        .steps(2 * TrainingSettings.STEPS)
        .budget(Long.MAX_VALUE)
        .study()
        .cells();
  }

  private static Map<String, String> options(Study.Cell<PruneReport> cell) {
    return withoutName(cell.run().options());
  }

  private static Map<String, String> withoutName(Map<String, String> options) {
    Map<String, String> others = new LinkedHashMap<>(options);
    others.remove("recipe");
    return others;
  }
}
