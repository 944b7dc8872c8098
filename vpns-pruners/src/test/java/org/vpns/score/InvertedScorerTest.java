package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.prune.OneShotPruner;
import org.vpns.testing.TinyResNet;

/** Keeping the lowest. */
final class InvertedScorerTest {
  private static final Layout LAYOUT = Layout.of(Map.of("w", new Shape(5)));

  private static MaskSet mask(String bits) {
    return MaskSet.of(Map.of("w", Mask.parse(new Shape(5), bits)));
  }

  /** (3, 1, 3, 2, 3): the lowest are 1 and 2, then of the three 3 the lower index. */
  @Test
  void inverted_keepsTheLowest_andOfEqualOnesTheLowerIndex() {
    ScoringContext context = new FakeContext(LAYOUT, new float[] {3, -1, 3, 2, -3}, 0);
    Scores scores = Scorers.inverted(Scorers.magnitude()).score(context);
    assertThat(Allocations.global().allocate(scores, Sparsity.of("0.6"))).isEqualTo(mask("01010"));
    assertThat(Allocations.global().allocate(scores, Sparsity.of("0.4"))).isEqualTo(mask("11010"));
  }

  /** Doubles that one float stands for are told apart, and equal ones tie. */
  @Test
  void negated_ofDoubles_turnsTheirExactOrderRound() {
    double[] values = {1, 1 + 1e-12, 1 - 1e-12, 1, 0};
    Scores negated = Scores.of(LAYOUT, values).negated();
    assertThat(Allocations.global().allocate(negated, Sparsity.of("0.6"))).isEqualTo(mask("00101"));
    assertThat(Allocations.global().allocate(negated, Sparsity.of("0.4"))).isEqualTo(mask("10101"));
    assertThat(Allocations.global().allocate(negated.negated(), Sparsity.of("0.6")))
        .isEqualTo(mask("11000"));
  }

  @Test
  void inverted_underAMask_ranksRemovedWeightsBelowEverything() {
    Scores scores = Scores.of(LAYOUT, new float[] {0, 5, 1, Float.POSITIVE_INFINITY, 2}).negated();
    // the first was removed: though it would be the best now, it does not return
    assertThat(Allocations.global().allocateWithin(mask("01111"), scores, Sparsity.of("0.4")))
        .isEqualTo(mask("01101"));
    assertThat(Allocations.global().allocateWithin(mask("01111"), scores, Sparsity.of("0.2")))
        .isEqualTo(mask("01111"));
  }

  /** Removed weights score 0 in SNIP, the lowest there is: inverted they must not come back. */
  @Test
  void invertedSnip_inRounds_nests() {
    RepeatedScorer inverted = Scorers.inverted(Scorers.snip().images(Scoring.ALL));
    try (Model model = TinyResNet.newModel()) {
      List<MaskSet> masks =
          Scoring.look(
              model,
              context -> {
                List<MaskSet> found = new ArrayList<>(List.of(MaskSet.ones(context.layout())));
                try (RepeatedScorer.Session session = inverted.open(context)) {
                  for (String sparsity : new String[] {"0.02", "0.04", "0.06"}) {
                    MaskSet last = found.get(found.size() - 1);
                    found.add(
                        Allocations.global()
                            .allocateWithin(last, session.score(last), Sparsity.of(sparsity)));
                  }
                }
                return found;
              });
      for (int i = 1; i < masks.size(); i++) {
        assertThat(masks.get(i).kept()).isEqualTo(Sparsity.of("0.0" + 2 * i).keep(5272));
        assertThat(masks.get(i).isSubsetOf(masks.get(i - 1))).isTrue();
      }
    }
  }

  /** One half of 5272 by the highest, the other by the lowest: no tie lies on the border. */
  @Test
  void invertedSynFlow_atAHalf_keepsWhatSynFlowRemoves() {
    MaskSet usual = half(Scorers.synFlow());
    assertThat(half(Scorers.inverted(Scorers.synFlow()))).isEqualTo(usual.not());
  }

  private static MaskSet half(RepeatedScorer scorer) {
    try (Model model = TinyResNet.newModel()) {
      return new OneShotPruner("half", scorer)
          .rounds(1)
          .findMask(model, new Shape(3, 32, 32), Sparsity.of("0.5"));
    }
  }

  @Test
  void inverted_ofARepeatedScorer_isOne_whateverTheDeclaredType() {
    Scorer declared = Scorers.snip();
    assertThat(Scorers.inverted(declared)).isInstanceOf(RepeatedScorer.class);
    assertThat(Scorers.inverted(declared).describe()).isEqualTo("inverted " + declared.describe());
    assertThat(Scorers.inverted(Scorers.magnitude()).describe()).isEqualTo("inverted magnitude");
  }
}
