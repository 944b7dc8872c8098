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
  private final WorkObserver observer;

  public Evaluator(GradientStep step, NDManager manager, WorkObserver observer) {
    this.step = step;
    this.manager = manager;
    this.observer = observer;
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
        images.name(),
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
    forEach(images, images.name(), batch -> correct[0] += step.correct(batch, mapping, prompted));
    return correct[0];
  }

  /** counts[answer][class] over all source logits. */
  public long[][] counts(Batches images, int sources, int targets, boolean prompted) {
    long[][] counts = new long[sources][targets];
    forEach(images, "label mapping", batch -> step.count(batch, counts, prompted));
    return counts;
  }

  private void forEach(Batches images, String what, Consumer<Batch> action) {
    long total = images.perEpoch();
    Iterator<Batch> iterator = images.sequential(manager);
    for (long done = 1; iterator.hasNext(); done++) {
      try (Batch batch = iterator.next()) {
        action.accept(batch);
      }
      observer.advanced(what, done, total);
    }
  }
}
