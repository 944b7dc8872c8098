package org.vpns;

import ai.djl.ndarray.NDManager;
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

  /** Kind and options, such as {@code pad(16)}. */
  String describe();
}
