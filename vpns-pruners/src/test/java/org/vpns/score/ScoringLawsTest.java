package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.NetworkMode;
import org.vpns.Scores;
import org.vpns.ScoringLoss;
import org.vpns.internal.curvature.Derivatives;
import org.vpns.internal.curvature.Vectors;
import org.vpns.testing.TinyResNet;

/** Laws of SNIP and GraSP, and a network of one layer by hand. */
final class ScoringLawsTest {
  /** 1/2 |W x - t|^2 with W = [[1, 2], [-1, 3]], x = (1, 2), t = (3, 7). */
  private static NDArray loss(NDManager manager, NDArray w) {
    NDArray x = manager.create(new float[] {1, 2}, new Shape(2, 1)).duplicate();
    NDArray t = manager.create(new float[] {3, 7}, new Shape(2, 1)).duplicate();
    return w.matMul(x).sub(t).square().sum().div(2);
  }

  private static float[] gradientAt(float[] weights) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray w = manager.create(weights, new Shape(2, 2)).duplicate();
      w.setRequiresGradient(true);
      collector.backward(loss(manager, w));
      return w.getGradient().toFloatArray();
    }
  }

  @Test
  void scores_ofOneLinearLayer_areThoseOfTheHand() {
    float[][] weights = {{1, 2, -1, 3}};
    float[][] gradient;
    double[][] product;
    try (NDManager manager = NDManager.newBaseManager();
        Derivatives derivatives = Derivatives.open(manager);
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      assertThat(derivatives).isNotNull();
      NDArray w = manager.create(weights[0], new Shape(2, 2)).duplicate();
      w.setRequiresGradient(true);
      NDArray g = derivatives.of(loss(manager, w), List.of(w)).get(0);
      gradient = new float[][] {g.toFloatArray()};
      NDArray inner = g.mul(g.stopGradient()).sum();
      float[] hg = derivatives.of(inner, List.of(w)).get(0).toFloatArray();
      product = new double[][] {{hg[0], hg[1], hg[2], hg[3]}};
    }
    assertThat(gradient[0]).containsExactly(2, 4, -2, -4);
    Layout layout = Layout.of(Map.of("w", new Shape(2, 2)));
    assertThat(SnipScorer.scores(layout, weights, gradient).doubles()).containsExactly(2, 8, 2, 12);
    assertThat(product[0]).containsExactly(10, 20, -10, -20);
    // SNIP keeps the last weight first, GraSP removes it first
    assertThat(GraspScorer.scores(layout, weights, product).doubles())
        .containsExactly(10, 40, 10, -60);
  }

  /** The loss is quadratic, so a central difference of any length is exact. */
  @Test
  void difference_ofAQuadraticLoss_isExactForAnyStep() {
    float[][] weights = {{1, 2, -1, 3}};
    float[][] g = {gradientAt(weights[0])};
    double norm = Vectors.norm(g);
    for (double step : new double[] {0.5, 4, 16}) {
      float[][] plus = {gradientAt(Vectors.moved(weights, g, step / norm)[0])};
      float[][] minus = {gradientAt(Vectors.moved(weights, g, -step / norm)[0])};
      double[] hg = Vectors.difference(plus, minus, norm / (2 * step))[0];
      double[] expected = {10, 20, -10, -20};
      for (int i = 0; i < 4; i++) {
        // float32 gradients of about 20, a difference divided by at least 1 / 6
        assertThat(hg[i]).isCloseTo(expected[i], Offset.offset(1e-4));
      }
    }
  }

  /** In training mode the loss does not see the scale of a convolution before batch norm. */
  @Test
  void snip_inTrainingMode_sumsToNothing_inEveryNormalisedConvolution() {
    try (Model model = TinyResNet.newModel()) {
      Scoring.look(
          model,
          context -> {
            Layout layout = context.layout();
            float[][] weights = context.weights();
            for (NetworkMode mode : NetworkMode.values()) {
              ScoringLoss loss = context.loss(Scoring.ALL).mode(mode);
              float[][] g = context.gradient(loss);
              for (int i = 0; i < 6; i++) {
                double sum = 0;
                for (int j = 0; j < g[i].length; j++) {
                  sum += (double) g[i][j] * weights[i][j];
                }
                // the reference has at most 3e-6: batch norm is not quite blind to scale, by its
                // epsilon. In evaluation mode the sums are 0.28 to 0.85
                assertThat(Math.abs(sum) < 3e-6)
                    .as(layout.path(i) + " " + mode + " " + sum)
                    .isEqualTo(mode == NetworkMode.TRAIN);
              }
            }
            return 0;
          });
    }
  }

  /**
   * Differentiating that scale invariance: theta H g = -g g, up to 0.3 % by batch norm's epsilon.
   */
  @Test
  void grasp_inTrainingMode_sumsToMinusTheSquaredGradient() {
    try (Model model = TinyResNet.newModel()) {
      Scoring.look(
          model,
          context -> {
            Layout layout = context.layout();
            float[][] g = context.gradient(context.loss(Scoring.ALL));
            Scores scores = Scorers.grasp().images(Scoring.ALL).score(context);
            for (int i = 0; i < 6; i++) {
              double square = 0;
              double sum = 0;
              for (int j = 0; j < g[i].length; j++) {
                square += (double) g[i][j] * g[i][j];
                sum += scores.get(layout.offset(i) + j);
              }
              assertThat(-sum / square).as(layout.path(i)).isBetween(0.997, 1.003);
            }
            return 0;
          });
    }
  }

  /** Rows of the head that stand for no class: 15 of 20, each of 16 weights. */
  @Test
  void unmappedRows_scoreNothing() {
    Scores snip = Scoring.scores(Scorers.snip());
    Scores grasp = Scoring.scores(Scorers.grasp());
    int head = snip.layout().offset(6);
    for (int i = 0; i < 320; i++) {
      assertThat(snip.get(head + i) == 0).isEqualTo(i >= 80);
      assertThat(grasp.get(head + i) == 0).isEqualTo(i >= 80);
    }
  }

  @Test
  void normalisedScores_sumToOne_inTheSameOrder() {
    SnipScorer scorer = Scorers.snip().images(Scoring.ALL).mode(NetworkMode.EVAL);
    Scores plain = Scoring.scores(scorer);
    Scores normalised = Scoring.scores(scorer.normalised());
    double sum = 0;
    for (float score : normalised.values()) {
      sum += score;
    }
    // 5272 floats, each rounded
    assertThat(sum).isCloseTo(1, Offset.offset(1e-6));
    assertThat(Scoring.best(normalised, "0.9")).isEqualTo(Scoring.best(plain, "0.9"));
  }
}
