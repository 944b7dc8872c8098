package org.vpns.score;

import org.vpns.Layout;
import org.vpns.NetworkMode;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.ScoringSet;
import org.vpns.Value;
import org.vpns.internal.curvature.Curvature;
import org.vpns.internal.curvature.ExactCurvature;
import org.vpns.internal.curvature.FrozenGates;
import org.vpns.internal.curvature.PlainDifference;
import org.vpns.internal.curvature.Vectors;

/**
 * GraSP (Wang, Zhang and Grosse 2020, "Picking winning tickets before training by preserving
 * gradient flow"): what half the squared norm of the gradient would lose with the weight,
 *
 * <pre>
 * score = theta (H g),  g = dL/dz, H = d2L/dz2 at z = m theta
 * </pre>
 *
 * signed: the largest are kept. (The paper writes the negative and removes the largest.) L is the
 * mean cross-entropy over the scoring images of the logits divided by a temperature. Under a mask g
 * is that of the survivors. Rows of the head that stand for no class score 0, which is more than
 * every negative score: at low sparsity they survive.
 *
 * <p>Defaults: 10 images per class, training mode, temperature 1, exact curvature. In training mode
 * the scores of a convolution l before a batch norm sum to -|g_l|^2. The temperature is no mere
 * scale: it changes the ranking.
 */
public final class GraspScorer extends Value<GraspScorer> implements RepeatedScorer {
  private static final ScoringSet IMAGES = ScoringSet.perClass(10);

  private ScoringSet images = IMAGES;
  private NetworkMode mode = NetworkMode.TRAIN;
  private double temperature = 1;
  private Curvature curvature = new ExactCurvature();

  GraspScorer() {}

  /** Looks at other images; default 10 per class. */
  public GraspScorer images(ScoringSet newImages) {
    Problem.given(newImages, "GraspScorer.images", "images");
    return with(s -> s.images = newImages);
  }

  /** Runs the network otherwise; default training mode. */
  public GraspScorer mode(NetworkMode newMode) {
    Problem.given(newMode, "GraspScorer.mode", "mode");
    return with(s -> s.mode = newMode);
  }

  /**
   * Divides the logits by another number; default 1.
   *
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public GraspScorer temperature(double newTemperature) {
    if (!(newTemperature > 0 && newTemperature < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "temperature out of range",
          "GraspScorer.temperature",
          "a positive number",
          newTemperature,
          "pass 1, or 200 as the published code has it");
    }
    return with(s -> s.temperature = newTemperature);
  }

  /**
   * As the published code scores: temperature 200, and the images sorted by class in two batches,
   * so that each sees half of the classes. Not taken over: new random heads, removal by threshold,
   * division by the sum of the scores.
   */
  public GraspScorer released() {
    return images((images.isPerClass() ? images : IMAGES).inClassHalves()).temperature(200);
  }

  /**
   * Takes the curvature from a central difference in which the gates of all ReLUs and the choices
   * of all maximum poolings stay as they are without displacement; its error falls with the square
   * of epsilon, down to rounding. What engines without second derivatives use anyway, with 1e-2.
   *
   * @param epsilon length of the displacement; 1e-2 is right for float32
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public GraspScorer frozenGates(double epsilon) {
    requireStep(epsilon);
    return with(s -> s.curvature = new FrozenGates(epsilon));
  }

  /**
   * Approximates the curvature by a plain central difference: other masks, and a warning.
   *
   * @param epsilon length of the displacement, such as 1e-2
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public GraspScorer plainDifference(double epsilon) {
    requireStep(epsilon);
    return with(s -> s.curvature = new PlainDifference(epsilon));
  }

  private static void requireStep(double epsilon) {
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw Problem.argument(
          "displacement out of range", "GraspScorer", "a positive number", epsilon, "pass 1e-2");
    }
  }

  @Override
  public Session open(ScoringContext context) {
    Problem.given(context, "GraspScorer.open", "context");
    ScoringLoss loss = context.loss(images).mode(mode).temperature(temperature);
    return masks -> {
      float[][] weights = context.weights(masks);
      float[][] gradient = context.gradient(loss, weights);
      for (int i = 0; i < gradient.length; i++) {
        masks.get(context.layout().path(i)).apply(gradient[i]);
      }
      // a norm that is not a number goes on: selection names the weight
      double[][] product =
          Vectors.norm(gradient) == 0
              ? Vectors.zeros(gradient)
              : curvature.times(context, loss, weights, gradient);
      return Signal.require(scores(context.layout(), weights, product), masks, "GraSP");
    };
  }

  /** theta (H g). */
  static Scores scores(Layout layout, float[][] weights, double[][] product) {
    return Scores.of(layout, (i, j) -> weights[i][j] * product[i][j]);
  }

  @Override
  public String describe() {
    return "GraSP, "
        + images
        + (mode == NetworkMode.TRAIN ? ", training mode" : ", evaluation mode")
        + (temperature == 1 ? "" : ", temperature " + temperature)
        + ", "
        + curvature.describe();
  }

  @Override
  public String toString() {
    return describe();
  }
}
