package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScoresTest {
  private static final Layout LAYOUT =
      Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(1, 3)));

  @Test
  void perTensorScores_inAnyOrder_areLaidOutFlat() {
    Scores scores =
        Scores.of(LAYOUT, ImmutableMap.of("b", new float[] {3, 4, 5}, "a", new float[] {1, -2}));
    assertThat(scores.values()).containsExactly(1, -2, 3, 4, 5);
    assertThat(scores.get(3)).isEqualTo(4);
    assertThat(scores.layout()).isSameAs(LAYOUT);
    assertThat(scores).hasToString("scores of 5 weights in 2 parameters");
  }

  @Test
  void scores_tensorByTensorAndWeightByWeight_areLaidOutFlat() {
    float[][] values = {{1, -2}, {3, 4, 5}};
    assertThat(Scores.of(LAYOUT, i -> values[i]).values()).containsExactly(1, -2, 3, 4, 5);
    Scores halves = Scores.of(LAYOUT, (i, j) -> values[i][j] / 2.0);
    assertThat(halves.doubles()).containsExactly(0.5, -1, 1.5, 2, 2.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, i -> values[0]))
        .withMessageStartingWith("wrong number of scores: b; expected 3 for shape (1, 3), found 2");
  }

  @Test
  void normalised_sumToOne() {
    Scores scores = Scores.of(LAYOUT, new float[] {1, 2, 3, 2, 0});
    assertThat(scores.normalised().doubles()).containsExactly(0.125, 0.25, 0.375, 0.25, 0);
    assertThat(scores.negated().normalised().doubles())
        .containsExactly(0.125, 0.25, 0.375, 0.25, 0);
  }

  @Test
  void requireSignal_refusesZerosAlone() {
    Scores scores = Scores.of(LAYOUT, (i, j) -> i * j);
    assertThat(scores.requireSignal("test")).isSameAs(scores);
    Scores.of(LAYOUT, new float[] {0, 0, 0, 0, Float.NaN}).requireSignal("test");
    assertThatIllegalStateException()
        .isThrownBy(() -> Scores.of(LAYOUT, new float[5]).requireSignal("test"))
        .withMessageStartingWith(
            "no gradient signal: test; expected a score other than 0, found 5 zeros;");
  }

  @Test
  void scores_thatDoNotFit_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, new float[4]))
        .withMessage(
            "wrong number of scores: Scores.of; expected 5, found 4;"
                + " pass one score per prunable weight.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, Map.of("b", new float[2])))
        .withMessage(
            "wrong number of scores: b; expected 3 for shape (1, 3), found 2;"
                + " pass one score per weight.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, Map.of("a", new float[2])))
        .withMessage(
            "scores missing: b; expected scores of 2 parameters, found 1, none of this name;"
                + " score every prunable parameter.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, Map.of("c", new float[2])))
        .withMessageStartingWith("no such prunable parameter: 'c';");
  }

  /** Removed weights below all others, also below a survivor of score -infinity. */
  @Test
  void nested_ranksRemovedWeightsBelowEverything() {
    float infinity = Float.POSITIVE_INFINITY;
    Scores scores = Scores.of(LAYOUT, new float[] {infinity, -infinity, 3, Float.NaN, -5});
    MaskSet survivors =
        MaskSet.of(
            ImmutableMap.of(
                "a", Mask.parse(new Shape(2), "01"), "b", Mask.parse(new Shape(1, 3), "101")));
    assertThat(scores.nested(survivors).values())
        .containsExactly(-infinity, -Float.MAX_VALUE, 3, -infinity, -5);
    assertThat(scores.values()).containsExactly(infinity, -infinity, 3, Float.NaN, -5);
    assertThat(scores.nested(MaskSet.ones(LAYOUT)).values()).isEqualTo(scores.values());
  }

  @Test
  void nested_inMasksOfAnotherNetwork_isRefused() {
    MaskSet other = MaskSet.ones(Layout.of(ImmutableMap.of("a", new Shape(2))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scores.of(LAYOUT, new float[5]).nested(other))
        .withMessageStartingWith("mask missing: b;");
  }

  @Test
  void requireNumbers_namesTheFirstThatIsNone() {
    Scores.of(LAYOUT, new float[] {1, Float.NEGATIVE_INFINITY, 3, 4, 5}).requireNumbers();
    Scores bad = Scores.of(LAYOUT, new float[] {1, 2, 3, Float.NaN, Float.NaN});
    bad.requireNumbers(0);
    assertThatIllegalArgumentException()
        .isThrownBy(bad::requireNumbers)
        .withMessage(
            "score is not a number: b[1]; expected a number, found NaN;"
                + " look for a zero division or an overflow in what made the scores.");
  }
}
