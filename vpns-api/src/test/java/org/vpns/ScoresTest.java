package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
}
