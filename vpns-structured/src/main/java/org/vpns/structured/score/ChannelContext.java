package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.ScoringImages;
import org.vpns.Seeds;
import org.vpns.Value;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;

/**
 * What importances may look at: a network, its groups, a seed, and for those that look at data
 * images with labels:
 *
 * <pre>{@code
 * ChannelContext context = ChannelContext.of(network, groups).images(images, labels);
 * ChannelScores scores = Importances.taylor().score(context);
 * }</pre>
 *
 * <p>Networks run in evaluation mode, so that what is found of an image does not depend on those
 * beside it and no statistic moves. Nothing is kept between two scorings: they see the network as
 * it then is. Immutable.
 */
public final class ChannelContext extends Value<ChannelContext> {
  private final NetworkValues network;
  private final ChannelGroups groups;
  private Seeds seeds = new Seeds(0);
  private Loss loss = Loss.softmaxCrossEntropyLoss();
  private @Nullable ScoringImages images;

  private ChannelContext(NetworkValues network, ChannelGroups groups) {
    this.network = network;
    this.groups = groups;
  }

  /**
   * Of a network, without images.
   *
   * @param groups those of the network's graph
   * @throws IllegalArgumentException if they are of another
   */
  public static ChannelContext of(NetworkValues network, ChannelGroups groups) {
    Problem.given(network, "ChannelContext.of", "network");
    Problem.given(groups, "ChannelContext.of", "groups").requireOf(network, "ChannelContext.of");
    return new ChannelContext(network, groups);
  }

  /** With another seed; default 0. */
  public ChannelContext seed(long newSeed) {
    return with(c -> c.seeds = new Seeds(newSeed));
  }

  /** With these images, in as many batches as they come, and their label mapping. */
  public ChannelContext images(ScoringImages newImages) {
    Problem.given(newImages, "ChannelContext.images", "images");
    return with(c -> c.images = newImages);
  }

  /**
   * With one batch. The arrays are borrowed: keep them open while channels are scored.
   *
   * @param inputs what the network reads, (batch, channels, height, width)
   * @param labels numbers of the outputs that stand for the images' classes, (batch)
   * @throws IllegalArgumentException if there is no image, there are more or fewer labels than
   *     images, or a label is no output's number
   */
  public ChannelContext images(NDArray inputs, NDArray labels) {
    Problem.given(inputs, "ChannelContext.images", "inputs");
    Problem.given(labels, "ChannelContext.images", "labels");
    return images(GivenImages.of(network.graph(), inputs, labels));
  }

  /** With one batch of a data set, as {@link #images(NDArray, NDArray)}. */
  public ChannelContext images(Batch batch) {
    Problem.given(batch, "ChannelContext.images", "batch");
    return images(batch.getData().singletonOrThrow(), batch.getLabels().singletonOrThrow());
  }

  /** With another loss, a mean over the images of a batch; default cross-entropy of logits. */
  public ChannelContext loss(Loss newLoss) {
    Problem.given(newLoss, "ChannelContext.loss", "loss");
    return with(c -> c.loss = newLoss);
  }

  /** The network. */
  public NetworkValues network() {
    return network;
  }

  /** Its groups. */
  public ChannelGroups groups() {
    return groups;
  }

  /** Random streams by name. */
  public Seeds seeds() {
    return seeds;
  }

  /**
   * The images.
   *
   * @throws IllegalStateException if there are none
   */
  public ScoringImages images() {
    if (images == null) {
      throw Problem.state(
          "no images to score with",
          "ChannelContext",
          "images and labels",
          "none",
          "add them by ChannelContext.images(images, labels)");
    }
    return images;
  }

  /**
   * A parameter's values, row-major, as floats; a copy.
   *
   * @throws IllegalArgumentException if there is no parameter of this path
   */
  public float[] values(String parameter) {
    return NetworkGradient.floats(
        network.array(Problem.given(parameter, "ChannelContext.values", "parameter")));
  }

  /**
   * The gradient of the mean loss over all images, row-major, by path of each trained or frozen
   * parameter that is no statistic.
   *
   * @throws IllegalStateException if there are no images
   */
  public Map<String, float[]> gradient() {
    ScoringImages all = images();
    try (NetworkGradient gradient = new NetworkGradient(network, loss, all.mapping())) {
      all.forEach(
          (inputs, labels) -> gradient.add(inputs, labels, (double) labels.size() / all.size()));
      return gradient.values();
    }
  }

  /**
   * Gives the gradient of each image's own loss, one after the other.
   *
   * @param action is given what {@link #gradient()} returns, of one image
   * @throws IllegalStateException if there are no images
   */
  public void forEachGradient(Consumer<Map<String, float[]>> action) {
    Problem.given(action, "ChannelContext.forEachGradient", "action");
    ScoringImages all = images();
    all.forEach(
        (inputs, labels) -> {
          for (int i = 0; i < labels.size(); i++) {
            try (NetworkGradient gradient = new NetworkGradient(network, loss, all.mapping());
                NDArray input = inputs.get("{}:{}", i, i + 1);
                NDArray label = labels.get("{}:{}", i, i + 1)) {
              gradient.add(input, label, 1);
              action.accept(gradient.values());
            }
          }
        });
  }
}
