package org.vpns.internal.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.optim.UpdateRule;
import org.vpns.testing.train.TinyAllocations;

/** Score gradients by hand; with plain SGD at rate 1 the step is minus the gradient. */
final class ScoreLearnerTest {
  /** Scores after one step, started from c, on weights theta, with dL/dw given. */
  private static float[] step(float[] c, float[] theta, float[] gradient, String sparsity) {
    try (BareNetwork bare = new BareNetwork(c.length);
        ThreadTeam team = new ThreadTeam(1)) {
      EffectiveWeights weights = new EffectiveWeights(bare.network);
      bare.setWeights(weights, theta);
      ScoreLearner learner =
          new ScoreLearner(
              weights,
              Scores.of(bare.network.layout(), c),
              TinyAllocations.global(),
              Sparsity.of(sparsity),
              UpdateRule.sgd(),
              team);
      bare.backward(gradient);
      learner.update(1);
      return learner.scores().values();
    }
  }

  @Test
  void gradient_ofTheWorkedVector_isGradientTimesWeightTimesSign() {
    float[] c = {0.5f, -0.4f, 0, 0.1f};
    float[] moved =
        step(c, new float[] {2, -1, 3, -0.5f}, new float[] {0.1f, 0.2f, 0.3f, -0.4f}, "0.5");
    // dL/dc = [0.2, 0.2, 0, 0.2]; a removed entry (the last) gets one too, a zero score none
    assertThat(moved)
        .containsExactly(0.5f - 0.1f * 2, -0.4f - 0.2f * -1 * -1, 0f, 0.1f - -0.4f * -0.5f);
  }

  @Test
  void weights_ofTheWorkedVector_areMasked() {
    try (BareNetwork bare = new BareNetwork(4);
        ThreadTeam team = new ThreadTeam(1)) {
      EffectiveWeights weights = new EffectiveWeights(bare.network);
      bare.setWeights(weights, new float[] {2, -1, 3, -0.5f});
      ScoreLearner learner =
          new ScoreLearner(
              weights,
              Scores.of(bare.network.layout(), new float[] {0.5f, -0.4f, 0, 0.1f}),
              TinyAllocations.global(),
              Sparsity.of("0.5"),
              UpdateRule.sgd(),
              team);
      assertThat(bare.network.weight(0).toFloatArray()).containsExactly(2, -1, 0, 0);
      assertThat(learner.masks().kept()).isEqualTo(2);
    }
  }

  @Test
  void gradient_ofSubnormalAndZeroScores_hasExactSign() {
    float tiny = Float.MIN_VALUE;
    float[] c = {tiny, -tiny, 0f, -0f, Float.MIN_NORMAL, -Float.MIN_NORMAL, 1e38f, -1e38f};
    float[] theta = {1, 1, 1, 1, 2, 2, 1, 1};
    float[] gradient = {1, 1, 1, 1, 1, 1, 1e38f, 1e38f};
    float[] moved = step(c, theta, gradient, "0.5");
    assertThat(moved)
        .containsExactly(
            tiny - 1f, -tiny + 1f, 0f, 0f, Float.MIN_NORMAL - 2f, -Float.MIN_NORMAL + 2f, 0f, 0f);
  }

  @Test
  void step_intoNotANumber_namesTheWeight() {
    float[] c = {1, 2, 3, 4};
    float[] infinite = {0, 0, Float.POSITIVE_INFINITY, 0};
    assertThatThrownBy(() -> step(c, new float[] {1, 1, 0, 1}, infinite, "0.5"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "score is not a number: t0.weight[2]; expected a number, found NaN after update 1;"
                + " lower the learning rate of the scores.");
  }
}
