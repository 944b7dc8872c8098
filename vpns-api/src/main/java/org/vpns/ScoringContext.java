package org.vpns;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** What a {@link Scorer} may look at. */
public interface ScoringContext {
  /** The prunable tensors. */
  Layout layout();

  /** A copy of the weights of tensor {@code index}, row-major, pruned entries zero. */
  float[] weights(int index);

  /** Copies of the weights of all tensors, in the layout's order. */
  default float[][] weights() {
    return IntStream.range(0, layout().tensors()).mapToObj(this::weights).toArray(float[][]::new);
  }

  /**
   * The same under masks: the weights that they remove are 0.
   *
   * @throws IllegalArgumentException if a tensor has no mask
   */
  default float[][] weights(MaskSet masks) {
    Problem.given(masks, "ScoringContext.weights", "masks");
    float[][] weights = weights();
    for (int i = 0; i < weights.length; i++) {
      masks.get(layout().path(i)).apply(weights[i]);
    }
    return weights;
  }

  /** A stream of random numbers that depends on the run's seed and the name alone. */
  RandomGenerator random(String name);

  /**
   * Labelled images, for scorers that look at data; label mapping and prompt are those of the run,
   * a mapping that is yet to come is made here for the network as it is.
   *
   * @throws IllegalStateException if there are none
   * @throws IllegalArgumentException if a class has no image
   */
  default ScoringImages images(ScoringSet set) {
    Problem.given(set, "ScoringContext.images", "set");
    throw Problem.state(
        "no images to score with",
        "ScoringContext",
        "labelled images",
        "none",
        "run the recipe on training images, or pass a batch to findMask");
  }

  /**
   * Which logits stand for the classes, as {@link ScoringImages#mapping} has it: the run's label
   * mapping, or, where that is yet to come, one made here for the network as it is.
   *
   * @throws IllegalStateException if there are no classes
   */
  default LabelAssignment mapping() {
    throw Problem.state(
        "no label mapping to score with",
        "ScoringContext",
        "a label mapping",
        "none",
        "run the recipe on training images, or pass a batch to findMask");
  }

  /**
   * The mean loss over labelled images, as {@link #images} gives them; mode and temperature are its
   * options.
   *
   * @throws IllegalStateException if there are no images
   * @throws IllegalArgumentException if a class has no image
   */
  default ScoringLoss loss(ScoringSet set) {
    Problem.given(set, "ScoringContext.loss", "set");
    return new ScoringLoss(images(set), NetworkMode.TRAIN, 1);
  }

  /**
   * dL/dw for every prunable weight, by tensor, as {@link #weights()} are. The network, its
   * statistics and its gradients stay as they are; a batch costs a forward and a backward pass,
   * which are counted.
   *
   * @throws IllegalStateException if there is no network
   * @throws IllegalArgumentException if the network cannot be differentiated in the loss's mode
   */
  default float[][] gradient(ScoringLoss loss) {
    Problem.given(loss, "ScoringContext.gradient", "loss");
    return gradient(loss, weights());
  }

  /**
   * The same with other weights in place of the prunable ones, such as {@link #weights(MaskSet)}.
   */
  default float[][] gradient(ScoringLoss loss, float[][] weights) {
    Problem.given(loss, "ScoringContext.gradient", "loss");
    Problem.givenEach(weights, "ScoringContext.gradient", "weights");
    try (ScoringNetwork network = network(loss.mode(), i -> weights[i])) {
      return loss.gradient(network);
    }
  }

  /**
   * The network with its present weights, to run and differentiate; close it.
   *
   * @throws IllegalStateException if there is none
   * @throws IllegalArgumentException if the network cannot be differentiated in this mode
   */
  default ScoringNetwork network(NetworkMode mode) {
    Problem.given(mode, "ScoringContext.network", "mode");
    return network(mode, this::weights);
  }

  /**
   * The network with other weights in place of its prunable ones, to run and differentiate; close
   * it.
   *
   * @param weights values of tensor {@code index}, row-major
   * @throws IllegalStateException if there is none
   * @throws IllegalArgumentException if the network cannot be differentiated in this mode
   */
  default ScoringNetwork network(NetworkMode mode, IntFunction<float[]> weights) {
    Problem.given(mode, "ScoringContext.network", "mode");
    Problem.given(weights, "ScoringContext.network", "weights");
    throw noNetwork();
  }

  /**
   * The network's block, to read; its prunable parameters hold {@link #weights}.
   *
   * @throws IllegalStateException if there is none
   */
  default Block block() {
    throw noNetwork();
  }

  private static IllegalStateException noNetwork() {
    return Problem.state(
        "no network to score with",
        "ScoringContext",
        "a network",
        "weights alone",
        "use findMask or a recipe, which know the network");
  }

  /**
   * Shape of one network input, (channels, height, width).
   *
   * @throws IllegalStateException if it is unknown
   */
  default Shape inputShape() {
    throw Problem.state(
        "size of the images unknown",
        "ScoringContext",
        "(channels, height, width)",
        "nothing",
        "pass the shape or a batch to findMask");
  }

  /**
   * Selects by scores, with what both parts hand over checked against the network; the run hears of
   * it.
   *
   * @param scorer who scored
   * @param scores its scores
   * @param among what may stay; the rest stays removed
   * @param allocation who selects
   * @param sparsity fraction removed
   * @param moment which of several selections, such as {@code round 3 of 5}; empty if there is one
   * @throws IllegalArgumentException if the scores or the masks belong to another network, a score
   *     is NaN, or more is kept than the sparsity allows if it is rounded in each parameter
   */
  default MaskSet select(
      Scorer scorer,
      Scores scores,
      MaskSet among,
      Allocation allocation,
      Sparsity sparsity,
      String moment) {
    Problem.given(scorer, "ScoringContext.select", "scorer");
    Problem.given(scores, "ScoringContext.select", "scores");
    Problem.given(among, "ScoringContext.select", "among");
    Problem.given(allocation, "ScoringContext.select", "allocation");
    Problem.given(sparsity, "ScoringContext.select", "sparsity");
    Problem.given(moment, "ScoringContext.select", "moment");
    String where = scorer.describe() + (moment.isEmpty() ? "" : ", " + moment);
    layout().requireSame("scores of another network", where, scores.layout());
    String spent = allocation.describe() + " at sparsity " + sparsity;
    MaskSet kept =
        Problem.given(
            allocation.allocateWithin(among, scores, sparsity),
            spent,
            "what Allocation.allocateWithin gives");
    layout().requireSame("masks of another network", spent, kept.layout());
    long most = sparsity.mostKept(layout());
    if (kept.kept() > most) {
      throw Problem.argument(
          "more weights kept than the sparsity allows",
          spent,
          "at most " + most + " of " + layout().size(),
          kept.kept(),
          "let the allocation keep Sparsity.keep(n) of n weights or fewer");
    }
    return kept;
  }

  /**
   * Counts a forward pass of a batch; default: for nobody. What runs through {@link #network} is
   * counted there, a forward pass that the engine records together with one backward pass. Count
   * here and below what is done otherwise: second derivatives, further backward passes, and
   * gradients of graphs of one's own.
   */
  default void countForward() {}

  /**
   * Counts a backward pass; the forward pass that it goes back through is counted apart.
   *
   * @param images of the batch
   */
  default void countBackward(long images) {}

  /** Counts a backward pass through a backward pass, which a second derivative takes. */
  default void countDoubleBackward() {}

  /** Tells the user, in words, of something that does not stop the scoring; default: nobody. */
  default void warn(String message) {}
}
