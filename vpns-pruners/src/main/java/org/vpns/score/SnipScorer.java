package org.vpns.score;

import org.vpns.Layout;
import org.vpns.NetworkMode;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.ScoringSet;
import org.vpns.Value;

/**
 * SNIP (Lee, Ajanthan and Torr 2019, "SNIP: single-shot network pruning based on connection
 * sensitivity"): how much the loss would change if the weight's mask were moved,
 *
 * <pre>
 * score = |dL/dm| = |g theta|,  g = dL/dz at z = m theta
 * </pre>
 *
 * with L the mean cross-entropy over the scoring images, label mapping (and prompt) applied. Rows
 * of the head that stand for no class get no gradient and score 0.
 *
 * <p>Defaults: 10 images per class; training mode, as published. In training mode the scores of a
 * convolution before a batch norm cancel: the sum of g theta over it is 0. In evaluation mode the
 * scores of a pretrained network do not depend on how the images fall into batches.
 */
public final class SnipScorer extends Value<SnipScorer> implements RepeatedScorer {
  private ScoringSet images = ScoringSet.perClass(10);
  private NetworkMode mode = NetworkMode.TRAIN;
  private boolean normalised;

  SnipScorer() {}

  /** Looks at other images; default 10 per class. */
  public SnipScorer images(ScoringSet newImages) {
    Problem.given(newImages, "SnipScorer.images", "images");
    return with(s -> s.images = newImages);
  }

  /** Runs the network otherwise; default training mode. */
  public SnipScorer mode(NetworkMode newMode) {
    Problem.given(newMode, "SnipScorer.mode", "mode");
    return with(s -> s.mode = newMode);
  }

  /** Divides the scores by their sum, as published; the ranking is the same. */
  public SnipScorer normalised() {
    return with(s -> s.normalised = true);
  }

  @Override
  public Session open(ScoringContext context) {
    Problem.given(context, "SnipScorer.open", "context");
    ScoringLoss loss = context.loss(images).mode(mode);
    return masks -> {
      float[][] weights = context.weights(masks);
      Scores all = scores(context.layout(), weights, context.gradient(loss, weights));
      Scores scores = Signal.require(all, masks, "SNIP");
      return normalised ? scores.normalised() : scores;
    };
  }

  /** |g theta|. */
  static Scores scores(Layout layout, float[][] weights, float[][] gradient) {
    return Scores.of(layout, (i, j) -> Math.abs((double) gradient[i][j] * weights[i][j]));
  }

  @Override
  public String describe() {
    return "SNIP, "
        + images
        + (mode == NetworkMode.TRAIN ? ", training mode" : ", evaluation mode")
        + (normalised ? ", normalised" : "");
  }

  @Override
  public String toString() {
    return describe();
  }
}
