package org.vpns;

import java.util.function.Consumer;

/** The labelled images that a scorer looks at, cut into batches; the same at every reading. */
public interface ScoringImages {
  /** Number of images, all batches together. */
  int size();

  /** Number of batches; the last may be smaller than the others. */
  int batches();

  /** Which logits stand for the classes; to be applied before any loss. */
  LabelAssignment mapping();

  /** Hands over every batch in order; its arrays are closed when the action returns. */
  void forEach(Consumer<ScoringBatch> action);
}
