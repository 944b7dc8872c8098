package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import java.util.function.BiConsumer;
import org.vpns.LabelAssignment;
import org.vpns.ScoringImages;

/** The same images, the first of each batch in a batch of its own. */
record CutImages(ScoringImages whole) implements ScoringImages {
  @Override
  public int size() {
    return whole.size();
  }

  @Override
  public int batches() {
    return 2 * whole.batches();
  }

  @Override
  public LabelAssignment mapping() {
    return whole.mapping();
  }

  @Override
  public void forEach(BiConsumer<NDArray, NDArray> action) {
    whole.forEach(
        (inputs, labels) -> {
          action.accept(inputs.get("0:1"), labels.get("0:1"));
          action.accept(inputs.get("1:"), labels.get("1:"));
        });
  }
}
