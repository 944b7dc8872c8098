package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.Scores;
import org.vpns.optim.ScoreGradient;
import org.vpns.optim.UpdateRule;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/** One iteration of BiP by hand. */
final class BipGradientTest {
  private static final float[] G = {.1f, .3f, -.2f};
  private static final float[] THETA = {.88f, -1.8f, .41f};
  private static final int[] KEPT = {-1, 0, -1};

  private static float[] scores(ScoreGradient gradient) {
    float[] g = G.clone();
    float[] s = {.4f, -.3f, .1f};
    gradient.apply(g, THETA, s, KEPT, 3);
    UpdateRule.sgd().update(s, g, new float[0][], 0, 3, 1, 1);
    return s;
  }

  @Test
  void lowerLevel_isSgdWithDecayGamma() {
    float[] theta = {1, -2, .5f};
    // m g with m = (1, 0, 1) and g = (.2, -.1, .4)
    UpdateRule.sgd().decay(1).update(theta, new float[] {.2f, 0, .4f}, new float[0][], 0, 3, .1, 1);
    assertThat(theta).containsExactly(new float[] {.88f, -1.8f, .41f}, Offset.offset(1e-7f));
  }

  @Test
  void upperLevel_followsTheImplicitGradient() {
    // dl/dm = (.088 - .01, -.54, -.082 - .04)
    assertThat(scores(BipGradient.implicit(1, true)))
        .containsExactly(new float[] {.322f, -.84f, .222f}, Offset.offset(1e-6f));
  }

  @Test
  void mask_ofTheNewScores_keepsTheirTwoLargestMagnitudes() {
    Layout layout = Layout.of(Map.of("w", new Shape(3)));
    for (ScoreGradient gradient :
        List.of(BipGradient.implicit(1, true), BipGradient.released(0.1))) {
      Scores scores = Scores.of(layout, scores(gradient));
      List<TensorGroup> two = List.of(new TensorGroup(List.of(0), 2));
      assertThat(Selection.largest(scores, two, Selection.Order.MAGNITUDE).get("w"))
          .isEqualTo(Mask.parse(new Shape(3), "110"));
    }
  }

  @Test
  void upperLevel_unmasked_letsRemovedWeightsFeelTheTermToo() {
    // dl/dm of the second = -.54 - .09; s = -.3 + .63 * -1
    assertThat(scores(BipGradient.implicit(1, false)))
        .containsExactly(new float[] {.322f, -.93f, .222f}, Offset.offset(1e-6f));
  }

  @Test
  void upperLevel_ofLargeGamma_isStraightThrough() {
    float[] expected = scores(ScoreGradient.straightThrough());
    assertThat(scores(BipGradient.implicit(1e30, true)))
        .containsExactly(expected, Offset.offset(1e-7f));
  }

  @Test
  void releasedForm_squaresItsOwnGradient() {
    assertThat(scores(BipGradient.released(0.1)))
        .containsExactly(new float[] {.3127744f, -.81084f, .1826724f}, Offset.offset(1e-6f));
  }

  @Test
  void score_atZero_doesNotMove() {
    for (ScoreGradient gradient :
        new ScoreGradient[] {
          BipGradient.implicit(1, true), BipGradient.implicit(1, false), BipGradient.released(1)
        }) {
      float[] g = {2};
      gradient.apply(g, new float[] {3}, new float[] {0}, new int[] {-1}, 1);
      assertThat(g[0]).isZero();
    }
  }

  @Test
  void gamma_outOfRange_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BipGradient.implicit(0, true))
        .withMessageStartingWith("option out of range: BiP, gamma; expected a number above 0");
  }
}
