package org.vpns;

import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A kind of prompt with its options, still without canvas: {@code Prompts.pad(16)}. */
public interface PromptFactory {
  /**
   * Makes an initialised prompt.
   *
   * @param manager owner of the prompt's array
   * @param input canvas, image size and normalisation
   * @param random stream for a random start, and for the places of a prompt that moves and that
   *     nobody calls {@link VisualPrompt#draw} for
   * @throws IllegalArgumentException if the prompt does not fit the canvas
   */
  VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random);

  /**
   * What a prompt with these values adds to every canvas in evaluation, as {@link
   * VisualPrompt#picture()}, computed without any engine; empty, the default, if only an engine
   * can. A kind that gives it is served without one.
   *
   * @param values as {@link VisualPrompt#delta()} holds them
   * @throws IllegalArgumentException if the prompt does not fit the canvas, or the values not the
   *     prompt
   */
  default Optional<float[]> picture(ImageInput input, float[] values) {
    Problem.given(input, "PromptFactory.picture", "input");
    Problem.given(values, "PromptFactory.picture", "values");
    return Optional.empty();
  }

  /** Kind and options, such as {@code pad(16)}. */
  String describe();
}
