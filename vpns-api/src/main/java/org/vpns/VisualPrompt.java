package org.vpns;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A learned picture added to every image; a DJL block that takes images in [0, 1], (batch,
 * channels, any height, any width), and gives normalised network inputs, (batch, channels, canvas
 * height, canvas width):
 *
 * <pre>
 * z = place(x) + a(delta) * R,   y = clamp(z, 0, 1),   out = (y - mean) / std
 * </pre>
 *
 * where {@code place} is {@link ImageInput}'s resize and padding, delta the prompt, R its active
 * region, and a the identity (additive) or the logistic function (sigmoid form). The gradient
 * passes the clamp where 0 &lt;= z &lt;= 1, both ends included.
 */
public interface VisualPrompt extends Block {
  /** Kind, such as {@code pad}; the name under which a {@code PromptProvider} makes it again. */
  String kind();

  /** The options that make an equal prompt (without its learned values), by name. */
  Map<String, String> options();

  /** How images are placed and normalised. */
  ImageInput input();

  /**
   * The learned values: only pixels that can become active; channel, then row, then column. A
   * prompt without active pixels has an empty one, which is not among the block's parameters.
   */
  Parameter delta();

  /** Number of pixels of one channel that are active at a time. */
  int activePixels();

  /** Number of learned values, all channels. */
  default long parameterCount() {
    return delta().getShape().size();
  }

  /** The region that is active in evaluation, row-major over the canvas; true = active. */
  boolean[] region();

  /**
   * What is added to the canvas in evaluation, a(delta) * R: channel, row, column; 0 outside the
   * region.
   */
  float[] picture();

  /** The input that a network sees without the prompt: resize, padding, normalisation. */
  NDList plain(NDList images);

  /**
   * Called before each training batch: a prompt that moves draws its offsets here.
   *
   * @param random the step's own stream
   * @param batchSize number of images
   */
  default void draw(RandomGenerator random, int batchSize) {}

  /** The prompted input; see the formula above. */
  @Override
  NDList forward(
      ParameterStore parameterStore,
      NDList images,
      boolean training,
      PairList<String, Object> params);
}
