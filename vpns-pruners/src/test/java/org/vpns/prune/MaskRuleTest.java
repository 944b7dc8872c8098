package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.score.FakeContext;
import org.vpns.score.Scorers;
import org.vpns.train.MaskRule;

/** Rules that build on a mask or on another rule. */
class MaskRuleTest {
  private static final Layout LAYOUT =
      Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(2, 3)));
  private static final FakeContext CONTEXT =
      new FakeContext(LAYOUT, new float[] {-9, 8, 1, 2, 3, 4, 5, -6, 7, 0}, 7);

  private static MaskSet masks(String a, String b) {
    return MaskSet.of(
        ImmutableMap.of("a", Mask.parse(new Shape(4), a), "b", Mask.parse(new Shape(2, 3), b)));
  }

  @Test
  void nested_keepsTheBestOfTheSurvivors() {
    MaskRule rule = MaskRule.nested(Scorers.magnitude(), Allocations.global(), Sparsity.of(0.7));
    assertThat(rule.begin(CONTEXT, MaskSet.ones(LAYOUT))).isEqualTo(masks("1100", "000010"));
    assertThat(rule.begin(CONTEXT, masks("0011", "110011"))).isEqualTo(masks("0000", "110010"));
    assertThat(rule.describe()).isEqualTo("nested magnitude, global, 0.7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule.begin(CONTEXT, masks("0010", "000001")))
        .withMessageStartingWith("removed weights would return: a, global at sparsity 0.7;");
  }

  @Test
  void randomPositions_keepTheCountsOfEachParameter() {
    MaskRule magnitude = MaskRule.once(Scorers.magnitude(), Allocations.global(), Sparsity.of(0.6));
    MaskRule ratio = MaskRule.randomPositions(magnitude);
    MaskSet masks = ratio.begin(CONTEXT, MaskSet.ones(LAYOUT));
    assertThat(masks.get("a").kept()).isEqualTo(2);
    assertThat(masks.get("b").kept()).isEqualTo(2);
    assertThat(ratio.begin(CONTEXT, MaskSet.ones(LAYOUT))).isEqualTo(masks);
    assertThat(ratio.describe())
        .isEqualTo("random positions with the counts of magnitude, global, 0.6");
  }

  /** Another parameter, or another order of them, changes nothing here. */
  @Test
  void randomPositions_ofAParameter_dependOnItsCountAlone() {
    Layout more =
        Layout.of(ImmutableMap.of("new", new Shape(5), "b", new Shape(2, 3), "a", new Shape(4)));
    MaskRule half =
        MaskRule.randomPositions(
            MaskRule.once(Scorers.random(), Allocations.perLayer(), Sparsity.of(0.5)));
    MaskSet few = half.begin(CONTEXT, MaskSet.ones(LAYOUT));
    MaskSet many = half.begin(new FakeContext(more, new float[15], 7), MaskSet.ones(more));
    assertThat(many.get("a")).isEqualTo(few.get("a"));
    assertThat(many.get("b")).isEqualTo(few.get("b"));
    MaskSet otherSeed = half.begin(new FakeContext(more, new float[15], 8), MaskSet.ones(more));
    assertThat(otherSeed).isNotEqualTo(many);
  }

  /** Each of the ten pairs of five positions in a tenth of the draws. */
  @Test
  void randomPositions_areUniform() {
    Layout five = Layout.of(ImmutableMap.of("a", new Shape(5)));
    MaskRule two =
        MaskRule.randomPositions(
            MaskRule.once(Scorers.magnitude(), Allocations.global(), Sparsity.of(0.6)));
    int draws = 10_000;
    int[] seen = new int[32];
    for (int seed = 0; seed < draws; seed++) {
      // all weights equal: without the draw positions 0 and 1 would always win
      FakeContext context = new FakeContext(five, new float[5], seed);
      seen[(int) two.begin(context, MaskSet.ones(five)).get("a").word(0)]++;
    }
    for (int pair = 0; pair < 32; pair++) {
      double expected = Integer.bitCount(pair) == 2 ? draws / 10.0 : 0;
      // five standard deviations of a binomial count, sqrt(10000 * 0.1 * 0.9) = 30
      assertThat((double) seen[pair]).isCloseTo(expected, within(expected == 0 ? 0 : 150.0));
    }
  }
}
