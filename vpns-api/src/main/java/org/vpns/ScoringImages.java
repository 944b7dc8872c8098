package org.vpns;

import ai.djl.ndarray.NDArray;
import java.util.function.BiConsumer;

/** The labelled images that a scorer looks at, cut into batches; the same at every reading. */
public interface ScoringImages {
  /** Number of images, all batches together. */
  int size();

  /** Number of batches; the last may be smaller than the others. */
  int batches();

  /** Which logits stand for the classes; to be applied before any loss. */
  LabelAssignment mapping();

  /**
   * Hands over every batch in order: what the network sees, (batch, channels, height, width), that
   * is placed, prompted if the stage mounts a prompt, and normalised, no gradient flowing behind
   * it; and the class numbers 0 .. T-1, int64 (batch). The arrays are closed when the action
   * returns.
   *
   * @param action takes inputs and labels
   */
  void forEach(BiConsumer<NDArray, NDArray> action);
}
