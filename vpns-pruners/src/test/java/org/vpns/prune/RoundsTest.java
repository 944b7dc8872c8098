package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.MaskSet;
import org.vpns.NetworkMode;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.score.HandMade;
import org.vpns.score.RepeatedScorer;
import org.vpns.score.Scorers;
import org.vpns.score.Scoring;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** Scoring and removing in rounds. */
final class RoundsTest {
  private static final Shape IMAGE = new Shape(3, 32, 32);

  /** Remembers under which masks it was asked. */
  private static final class Spy implements RepeatedScorer {
    final List<MaskSet> asked = new ArrayList<>();
    private final RepeatedScorer scorer;

    Spy(RepeatedScorer scorer) {
      this.scorer = scorer;
    }

    @Override
    public Session open(ScoringContext context) {
      Session session = scorer.open(context);
      return new Session() {
        @Override
        public Scores score(MaskSet masks) {
          asked.add(masks);
          return session.score(masks);
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    @Override
    public String describe() {
      return scorer.describe();
    }
  }

  /** Float64 on both sides: not one bit differs. Kept after rounds 1, 2, 50, 99 and 100 of 100. */
  @ParameterizedTest
  @CsvSource({
    "synflow, 0.9, 5152, 5035, 1668, 540, 528",
    "synflow, 0.98, 5070, 4876, 746, 110, 106",
    "synflow_released, 0.9, 5152, 5035, 1668, 540, 528",
    "synflow_released, 0.98, 5070, 4876, 746, 110, 106"
  })
  void synFlow_inHundredRounds_findsTheReferenceMask(
      String run, String sparsity, int one, int two, int fifty, int ninetyNine, int hundred) {
    Spy spy = new Spy(run.equals("synflow") ? Scorers.synFlow() : Scorers.synFlow().released());
    try (Model model = TinyResNet.newModel()) {
      MaskSet masks =
          new OneShotPruner("SynFlow", spy)
              .rounds(100)
              .findMask(model, IMAGE, Sparsity.of(sparsity));
      assertThat(Scoring.differing(masks, Fixtures.baselines(), run + ".mask@" + sparsity))
          .isZero();
      spy.asked.add(masks);
      assertThat(
              List.of(
                  spy.asked.get(1).kept(),
                  spy.asked.get(2).kept(),
                  spy.asked.get(50).kept(),
                  spy.asked.get(99).kept(),
                  spy.asked.get(100).kept()))
          .containsExactly((long) one, (long) two, (long) fifty, (long) ninetyNine, (long) hundred);
      for (int k = 1; k <= 100; k++) {
        assertThat(spy.asked.get(k).isSubsetOf(spy.asked.get(k - 1))).isTrue();
      }
    }
  }

  @Test
  void synFlow_atOnce_collapsesLayers() {
    try (Model model = TinyResNet.newModel()) {
      MaskSet masks = Pruners.synFlow().rounds(1).findMask(model, IMAGE, Sparsity.of("0.9"));
      assertThat(Scoring.differing(masks, Fixtures.baselines(), "synflow.oneshot_mask@0.9"))
          .isZero();
      assertThat(masks.get("layer2.0.conv2.weight").kept()).isEqualTo(1);
      assertThat(masks.get("layer2.0.downsample.0.weight").kept()).isZero();
    }
  }

  /** W1 = [[1, -2], [0.5, 3]], W2 = [2, -1]: flow 9.5, half of six weights removed. */
  @ParameterizedTest
  @CsvSource({"1, 010011", "2, 010110"})
  void synFlow_byHand_keepsTheWidestWay(int rounds, String expected) {
    try (Model model = HandMade.model()) {
      MaskSet masks =
          Pruners.synFlow().rounds(rounds).findMask(model, new Shape(2), Sparsity.of("0.5"));
      StringBuilder bits = new StringBuilder();
      masks
          .asMap()
          .values()
          .forEach(
              mask -> {
                for (int i = 0; i < mask.size(); i++) {
                  bits.append(mask.isKept(i) ? 1 : 0);
                }
              });
      // at once 6, 4 and 3.5; in two rounds 0.5 goes first, then 6, 4 and of the tie at 3 the lower
      assertThat(bits.toString()).isEqualTo(expected);
    }
  }

  @Test
  void snip_inRounds_nestsAndDiffersFromOneShot() {
    Spy spy = new Spy(Scorers.snip().images(Scoring.ALL).mode(NetworkMode.EVAL));
    try (Model model = TinyResNet.newModel()) {
      MaskSet inRounds =
          Scoring.look(
              model,
              context ->
                  new RoundsRule(spy, Allocations.global(), Sparsity.of("0.9"), 5)
                      .begin(context, MaskSet.ones(context.layout())));
      assertThat(inRounds.kept()).isEqualTo(528);
      assertThat(spy.asked).hasSize(5);
      for (int k = 1; k < 5; k++) {
        assertThat(spy.asked.get(k).isSubsetOf(spy.asked.get(k - 1))).isTrue();
        assertThat(spy.asked.get(k).kept())
            .isEqualTo(Sparsity.of(1 - Math.pow(0.1, k / 5.0)).keep(5272));
      }
      assertThat(inRounds.isSubsetOf(spy.asked.get(4))).isTrue();
      assertThat(Scoring.differing(inRounds, Fixtures.baselines(), "snip.mask@0.9"))
          .isGreaterThan(0);
    }
  }

  @Test
  void rule_fromASparserMask_isRefused() {
    try (Model model = TinyResNet.newModel()) {
      assertThatThrownBy(
              () ->
                  Scoring.look(
                      model,
                      context ->
                          new RoundsRule(
                                  Scorers.snip(), Allocations.global(), Sparsity.of("0.5"), 2)
                              .begin(
                                  context,
                                  Scoring.best(Scorers.magnitude().score(context), "0.8"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("removed weights would return: ")
          .satisfies(Untouched::assertForm);
    }
  }

  /** Layer-wise counts above what survives of a layer: it keeps all, the others make up for it. */
  @Test
  void rule_withFewSurvivorsInALayer_keepsThemAll_andTheTotalExact() {
    try (Model model = TinyResNet.newModel()) {
      List<MaskSet> masks =
          Scoring.look(
              model,
              context -> {
                MaskSet before = Scoring.best(Scorers.magnitude().score(context), "0.5");
                RoundsRule rule =
                    new RoundsRule(Scorers.synFlow(), Allocations.uniform(), Sparsity.of("0.6"), 3);
                return List.of(before, rule.begin(context, before));
              });
      MaskSet before = masks.get(0);
      MaskSet after = masks.get(1);
      assertThat(after.kept()).isEqualTo(Sparsity.of("0.6").keep(5272));
      assertThat(after.isSubsetOf(before)).isTrue();
      List<String> whole =
          before.asMap().keySet().stream()
              .filter(path -> before.get(path).kept() < 0.4 * before.get(path).size())
              .toList();
      assertThat(whole).isNotEmpty();
      whole.forEach(path -> assertThat(after.get(path)).isEqualTo(before.get(path)));
    }
  }
}
