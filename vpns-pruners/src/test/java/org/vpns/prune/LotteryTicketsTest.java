package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.schedule.Rounds;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Several sparsities that share their rounds. */
final class LotteryTicketsTest {
  private static final Sparsity[] TARGETS = {
    Sparsity.of("0.9"), Sparsity.of("0.6"), Sparsity.of("0.9"), Sparsity.DENSE, Sparsity.of("0.7")
  };

  @TempDir Path folder;

  /** Rounds end at 0.6, 0.84 and 0.936: 0.7 and 0.9 are branches. */
  private static LotteryPruner lottery(Rewind rewind) {
    return Pruners.lottery()
        .rounds(new Rounds(Sparsity.of("0.6")))
        .rewind(rewind)
        .weights(SmallRuns.SGD, SmallRuns.TUNING)
        .lengths(Length.iterations(4), Length.iterations(3));
  }

  private static void options(Recipe.Builder recipe) {
    recipe.input(SmallRuns.input()).batchSize(SmallRuns.BATCH).seed(11);
  }

  private LotteryTickets tickets(Rewind rewind) {
    return LotteryTickets.of(lottery(rewind), folder.resolve("tickets"), TARGETS)
        .options(LotteryTicketsTest::options);
  }

  private static ImageSets splits(NDManager manager) {
    return SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 64, 90));
  }

  private static Outcome alone(Sparsity sparsity, Rewind rewind, NDManager manager) {
    Recipe.Builder recipe = Recipe.of(lottery(rewind), sparsity);
    options(recipe);
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(recipe.build()).fit(model, splits(manager))) {
      return Outcome.of(pruned);
    }
  }

  /** Counts gradient steps over all runs. */
  private static final class Steps implements RunListener {
    int count;

    @Override
    public void stepFinished(Step step) {
      count++;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tickets_equalRunsAlone_bitForBit_andShareTheirRounds(boolean early) {
    Rewind rewind = early ? Rewind.early(1) : Rewind.pretrained();
    Steps steps = new Steps();
    Map<Sparsity, Outcome> found = new LinkedHashMap<>();
    Map<Sparsity, MaskSet> masks = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      Untouched before = Untouched.of(model);
      List<PruneReport> reports =
          tickets(rewind)
              .listener(steps)
              .run(
                  model,
                  splits(manager),
                  (target, pruned) -> {
                    found.put(target, Outcome.of(pruned));
                    masks.put(target, pruned.masks());
                  });
      before.assertStill(model);
      assertThat(reports)
          .extracting(PruneReport::sparsity)
          .containsExactly("0.9", "0.6", "0.9", "0", "0.7");
      assertThat(found.keySet())
          .containsExactly(Sparsity.DENSE, TARGETS[1], TARGETS[4], TARGETS[0]);
      for (Sparsity target : found.keySet()) {
        assertThat(found.get(target)).isEqualTo(alone(target, rewind, manager));
      }
      // 3 rounds once, and tuning of 4 sparsities; rewound to step 1, all but the first stage of
      // a run are a step shorter: 2 rounds and 3 tunings.
      assertThat(steps.count).isEqualTo(3 * 4 + 4 * 3 - (early ? 5 : 0));
      assertThat(masks.get(TARGETS[4]).isSubsetOf(masks.get(TARGETS[1]))).isTrue();
      // accuracy after each round, and of each ticket before its tuning
      PruneReport report = reports.get(0);
      assertThat(report.stages().subList(0, 3)).allMatch(stage -> stage.accuracy() != null);
      assertThat(report.stages().get(1).sparsity()).isEqualTo(1 - 2109 / 5272.0);
      assertThat(report.pruned()).isNotNull();
      assertThat(report.summary())
          .containsPattern("cost .*time .*density % .*accuracy %")
          .containsPattern("round 2 .* 40.004 ");
    }
  }

  @Test
  void tickets_cutAnywhere_goOn_andEndTheSame() {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      Untouched before = Untouched.of(model);
      List<Outcome> found = new ArrayList<>();
      int cuts = 0;
      for (int at = 9; ; at += 7) {
        try {
          tickets(Rewind.pretrained())
              .listener(new Cut(at))
              .run(model, splits(manager), (target, pruned) -> found.add(Outcome.of(pruned)));
          break;
        } catch (IllegalStateException e) {
          assertThat(e).hasMessage(Cut.MESSAGE);
          before.assertStill(model);
          cuts++;
        }
      }
      assertThat(cuts).isGreaterThan(1);
      assertThat(found).hasSize(4);
      assertThat(found.get(3)).isEqualTo(alone(TARGETS[0], Rewind.pretrained(), manager));
      // All are done: none is run again.
      Steps none = new Steps();
      List<PruneReport> again =
          tickets(Rewind.pretrained())
              .listener(none)
              .run(model, splits(manager), (target, pruned) -> found.clear());
      assertThat(none.count).isZero();
      assertThat(found).hasSize(4);
      assertThat(again.get(0).kept()).isEqualTo(528);
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  tickets(Rewind.pretrained())
                      .options(recipe -> recipe.input(SmallRuns.input()).batchSize(8).seed(11))
                      .run(model, splits(manager), (target, pruned) -> {}))
          .withMessageStartingWith("report of another run: ");
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  tickets(Rewind.pretrained())
                      .run(
                          model,
                          SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 64, 91)),
                          (target, pruned) -> {}))
          .withMessageMatching("report of another run: .*test data; expected '27 images, .*");
    }
  }

  @Test
  void ticket_thatWasNotTaken_isDrawnAgain() {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      Untouched before = Untouched.of(model);
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  tickets(Rewind.pretrained())
                      .run(
                          model,
                          splits(manager),
                          (target, pruned) -> {
                            throw new IllegalStateException("no room");
                          }))
          .withMessage("no room");
      before.assertStill(model);
      List<Sparsity> taken = new ArrayList<>();
      tickets(Rewind.pretrained())
          .run(model, splits(manager), (target, pruned) -> taken.add(target));
      assertThat(taken).hasSize(4);
    }
  }

  @Test
  void tickets_ofSparsity1_areRefused_beforeAnythingIsRun() {
    Steps none = new Steps();
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      assertThatThrownBy(
              () ->
                  LotteryTickets.of(
                          lottery(Rewind.pretrained()),
                          folder,
                          Sparsity.of("0.5"),
                          Sparsity.of("1"))
                      .options(LotteryTicketsTest::options)
                      .listener(none)
                      .run(model, splits(manager), (target, pruned) -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("sparsity out of range");
      assertThat(none.count).isZero();
    }
  }
}
