package org.vpns.score;

import org.vpns.Layout;
import org.vpns.NetworkMode;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.ScoringSet;

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
 * scores of a pretrained network do not depend on how the images fall into batches. Immutable.
 */
public final class SnipScorer implements RepeatedScorer {
  private final ScoringSet set;
  private final NetworkMode mode;
  private final boolean normalised;

  SnipScorer() {
    this(ScoringSet.perClass(10), NetworkMode.TRAIN, false);
  }

  private SnipScorer(ScoringSet set, NetworkMode mode, boolean normalised) {
    this.set = set;
    this.mode = mode;
    this.normalised = normalised;
  }

  /** Looks at other images; default 10 per class. */
  public SnipScorer images(ScoringSet newSet) {
    return new SnipScorer(newSet, mode, normalised);
  }

  /** Runs the network otherwise; default training mode. */
  public SnipScorer mode(NetworkMode newMode) {
    return new SnipScorer(set, newMode, normalised);
  }

  /** Divides the scores by their sum, as published; the ranking is the same. */
  public SnipScorer normalised() {
    return new SnipScorer(set, mode, true);
  }

  @Override
  public Session open(ScoringContext context) {
    ScoringLoss loss = context.loss(set).mode(mode);
    return masks -> {
      float[][] weights = context.weights(masks);
      Scores scores = scores(context.layout(), weights, context.gradient(loss, weights));
      return normalised ? scores.normalised() : scores;
    };
  }

  /** |g theta|. */
  static Scores scores(Layout layout, float[][] weights, float[][] gradient) {
    return Scores.of(layout, (i, j) -> Math.abs((double) gradient[i][j] * weights[i][j]))
        .requireSignal("SNIP");
  }

  @Override
  public String describe() {
    return "SNIP, "
        + set
        + (mode == NetworkMode.TRAIN ? ", training mode" : ", evaluation mode")
        + (normalised ? ", normalised" : "");
  }
}
