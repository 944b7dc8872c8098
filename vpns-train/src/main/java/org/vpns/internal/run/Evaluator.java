package org.vpns.internal.run;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.Iterator;
import java.util.function.Consumer;
import org.vpns.LabelAssignment;
import org.vpns.report.Accuracy;

/** Counts right answers in evaluation mode, without augmentation. */
public final class Evaluator {
  private final GradientStep step;
  private final NDManager manager;

  public Evaluator(GradientStep step, NDManager manager) {
    this.step = step;
    this.manager = manager;
  }

  /** Accuracy without and, if there is a prompt, with it. */
  public Accuracy accuracy(Batches images, LabelAssignment mapping, boolean hasPrompt) {
    int plain = correct(images, mapping, false);
    return new Accuracy(images.size(), plain, hasPrompt ? correct(images, mapping, true) : null);
  }

  /** As {@link #accuracy}, and which images are right. */
  public Accuracy hits(Batches images, LabelAssignment mapping, boolean hasPrompt) {
    return Accuracy.of(
        right(images, mapping, false), hasPrompt ? right(images, mapping, true) : null);
  }

  private boolean[] right(Batches images, LabelAssignment mapping, boolean prompted) {
    boolean[] right = new boolean[images.size()];
    int[] next = new int[1];
    forEach(
        images,
        batch -> {
          for (boolean hit : step.right(batch, mapping, prompted)) {
            right[next[0]++] = hit;
          }
        });
    return right;
  }

  /** Number of images right. */
  public int correct(Batches images, LabelAssignment mapping, boolean prompted) {
    int[] correct = new int[1];
    forEach(images, batch -> correct[0] += step.correct(batch, mapping, prompted));
    return correct[0];
  }

  /** counts[answer][class] over all source logits. */
  public long[][] counts(Batches images, int sources, int targets, boolean prompted) {
    long[][] counts = new long[sources][targets];
    forEach(images, batch -> step.count(batch, counts, prompted));
    return counts;
  }

  private void forEach(Batches images, Consumer<Batch> action) {
    Iterator<Batch> iterator = images.sequential(manager);
    while (iterator.hasNext()) {
      try (Batch batch = iterator.next()) {
        action.accept(batch);
      }
    }
  }
}
