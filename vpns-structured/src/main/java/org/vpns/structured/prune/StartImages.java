package org.vpns.structured.prune;

import ai.djl.ndarray.NDArray;
import com.google.common.base.Suppliers;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringSet;

/** Ten images of each class of a run, for importances that look at some; read when one does. */
final class StartImages implements ScoringImages {
  private final Supplier<ScoringImages> images;

  StartImages(ScoringContext context) {
    images = Suppliers.memoize(() -> context.images(ScoringSet.perClass(10)));
  }

  @Override
  public int size() {
    return images.get().size();
  }

  @Override
  public int batches() {
    return images.get().batches();
  }

  @Override
  public LabelAssignment mapping() {
    return images.get().mapping();
  }

  @Override
  public void forEach(BiConsumer<NDArray, NDArray> action) {
    Problem.given(action, "ScoringImages.forEach", "action");
    images.get().forEach(action);
  }
}
