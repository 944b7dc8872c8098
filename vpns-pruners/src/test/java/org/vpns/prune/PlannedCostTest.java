package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Sparsity;
import org.vpns.prompt.Prompts;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;

/** Gradient steps of the methods on 50,000 images in batches of 256: 196 an epoch. */
final class PlannedCostTest {
  private static final Length EPOCHS = Length.epochs(30);

  private static long cost(Pruner pruner, String sparsity) {
    Recipe.Builder recipe = Recipe.of(pruner, Sparsity.of(sparsity));
    if (pruner instanceof VpnsPruner) {
      recipe.prompt(Prompts.pad(16));
    }
    return recipe.build().gradientSteps(50_000);
  }

  @Test
  void cost_ofEachMethod_isThatOfItsFormula() {
    assertThat(cost(Pruners.magnitude().length(EPOCHS), "0.9")).isEqualTo(5_880);
    assertThat(cost(Pruners.hydra().lengths(EPOCHS, EPOCHS), "0.9")).isEqualTo(11_760);
    assertThat(cost(Pruners.vpns().lengths(EPOCHS, EPOCHS), "0.9")).isEqualTo(11_760);
    assertThat(cost(Pruners.vpns().paperCompat().lengths(EPOCHS, EPOCHS), "0.9")).isEqualTo(23_520);
    assertThat(cost(Pruners.gradual().length(EPOCHS), "0.9")).isEqualTo(5_880);
    assertThat(cost(Pruners.rigl().length(EPOCHS), "0.9")).isEqualTo(5_880);
    assertThat(cost(Pruners.set().length(EPOCHS), "0.9")).isEqualTo(5_880);
    assertThat(cost(Pruners.bip().length(EPOCHS), "0.9")).isEqualTo(11_760);
    assertThat(cost(Pruners.bip().length(EPOCHS).tuning(EPOCHS), "0.9")).isEqualTo(17_640);
  }

  /** 50,000 images in batches of 256, 30 epochs a stage. */
  @Test
  void cost_ofTheWorkedExample_isAsWorked() {
    assertThat(cost(Pruners.lottery().lengths(EPOCHS, EPOCHS), "0.9")).isEqualTo(70_560);
    assertThat(cost(Pruners.vpns().alternating().lengths(EPOCHS, EPOCHS), "0.9")).isEqualTo(23_520);
    assertThat(cost(Pruners.bip().released().length(EPOCHS), "0.9")).isEqualTo(11_760);
    assertThat(cost(Pruners.snip().length(EPOCHS), "0.9")).isEqualTo(5_880);
  }

  @ParameterizedTest
  @CsvSource({
    "0.36, 2",
    "0.4, 3",
    "0.5, 4",
    "0.6, 5",
    "0.7, 6",
    "0.8, 8",
    "0.9, 11",
    "0.95, 14",
    "0.98, 18"
  })
  void lottery_costsOneStageMoreThanItsRounds(String sparsity, int rounds) {
    LotteryPruner lottery = Pruners.lottery().lengths(EPOCHS, EPOCHS);
    assertThat(lottery.stages(Sparsity.of(sparsity))).hasSize(rounds + 1);
    assertThat(cost(lottery, sparsity)).isEqualTo((rounds + 1) * 30L * 196);
  }

  @Test
  void lottery_rewoundToAStep_savesItInLaterStages() {
    LotteryPruner lottery = Pruners.lottery().lengths(EPOCHS, EPOCHS).rewind(Rewind.early(100));
    assertThat(cost(lottery, "0.9")).isEqualTo(70_560 - 11 * 100);
  }
}
