package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import com.google.common.primitives.Booleans;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.network.GradientGate;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.PromptCheck;

/** Passes of one batch through prompt, network and label mapping: with gradients, or without. */
public final class GradientStep {
  private final Network network;
  private final ImagePlacement plain;
  private final @Nullable VisualPrompt prompt;
  private Consumer<String> warnings = message -> {};
  private final BatchCheck check;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();

  /**
   * What a pass gave.
   *
   * @param loss mean over the images, before the step
   * @param images images in the batch
   * @param correct of these right
   * @param forwards forward passes: 1, or 2 with a teacher
   */
  public record Outcome(double loss, int images, int correct, int forwards) {}

  /** Changes a batch's images before they are placed. */
  public interface Change {
    NDArray apply(NDArray images);
  }

  /** With images without prompt placed by themselves. */
  public GradientStep(Network network, ImagePlacement plain, @Nullable VisualPrompt prompt) {
    this.network = network;
    this.plain = plain;
    check = new BatchCheck(plain, message -> warnings.accept(message));
    this.prompt = prompt;
  }

  /** From now on tells what is odd about images. */
  public void tell(Consumer<String> listener) {
    warnings = listener;
  }

  /**
   * Forward and backward; gradients are left in the arrays that ask for them.
   *
   * @param teacher has its part in the loss, if there is one
   */
  public Outcome backward(
      Batch batch,
      LabelAssignment mapping,
      Change change,
      boolean prompted,
      boolean training,
      @Nullable Teacher teacher) {
    try (NDScope arrays = new NDScope();
        NDManager scope = network.manager().newSubManager();
        GradientCollector collector = GradientGate.open(network.manager())) {
      arrays.suppressNotUsedWarning();
      long[] labels = BatchCheck.labels(batch, mapping.targets());
      NDArray given = images(batch, scope);
      NDArray images = change.apply(given);
      if (images != given) {
        check.augmented(batch, images);
      }
      NDArray input = input(images, prompted, true);
      NDArray logits = mapping.apply(network.forward(input, training));
      NDArray mean = loss.evaluate(new NDList(scope.create(labels)), new NDList(logits));
      if (teacher != null) {
        boolean apart = teacher.plain();
        mean = teacher.loss(mean, logits, apart ? input(images, false, true) : input);
      }
      collector.backward(mean);
      return new Outcome(
          mean.getFloat(),
          labels.length,
          Booleans.countTrue(right(logits.toFloatArray(), labels)),
          teacher == null ? 1 : 2);
    }
  }

  /**
   * Shows a batch as the network sees it, without augmentation; a prompt as in evaluation. No
   * gradient flows into the prompt.
   *
   * @param action takes inputs and labels
   */
  public void show(
      Batch batch, int classes, boolean prompted, BiConsumer<NDArray, NDArray> action) {
    try (NDScope arrays = new NDScope();
        NDManager scope = network.manager().newSubManager()) {
      arrays.suppressNotUsedWarning();
      long[] labels = BatchCheck.labels(batch, classes);
      NDArray input = input(images(batch, scope), prompted, false).stopGradient();
      action.accept(input, scope.create(labels));
    }
  }

  /** Number of images right, in evaluation mode. */
  public int correct(Batch batch, LabelAssignment mapping, boolean prompted) {
    return Booleans.countTrue(right(batch, mapping, prompted));
  }

  /** Of each image whether it is right, in evaluation mode. */
  public boolean[] right(Batch batch, LabelAssignment mapping, boolean prompted) {
    try (NDScope arrays = new NDScope();
        NDManager scope = network.manager().newSubManager()) {
      arrays.suppressNotUsedWarning();
      long[] labels = BatchCheck.labels(batch, mapping.targets());
      NDArray images = images(batch, scope);
      NDArray logits = mapping.apply(network.forward(input(images, prompted, false), false));
      float[] values = logits.toFloatArray();
      int classes = values.length / labels.length;
      check.answers(
          batch,
          (int)
              IntStream.range(0, labels.length)
                  .filter(i -> !areNumbers(values, i * classes, classes))
                  .count());
      return right(values, labels);
    }
  }

  /**
   * Adds to counts[answer][label], in evaluation mode, over all source logits.
   *
   * @throws IllegalStateException if an answer is not a number, which would count for output 0
   */
  public void count(Batch batch, long[][] counts, boolean prompted) {
    try (NDScope arrays = new NDScope();
        NDManager scope = network.manager().newSubManager()) {
      arrays.suppressNotUsedWarning();
      long[] labels = BatchCheck.labels(batch, counts[0].length);
      NDArray images = images(batch, scope);
      float[] logits = network.forward(input(images, prompted, false), false).toFloatArray();
      int sources = counts.length;
      for (int i = 0; i < labels.length; i++) {
        if (!areNumbers(logits, i * sources, sources)) {
          throw Problem.state(
              "answer is not a number",
              NamedBatch.image(batch, i),
              "logits by which outputs are mapped to classes",
              Float.NaN,
              "look for values in network, prompt or normalisation that are far too large");
        }
        counts[argMax(logits, i * sources, sources)][(int) labels[i]]++;
      }
    }
  }

  private NDArray input(NDArray images, boolean prompted, boolean training) {
    if (prompted && prompt != null) {
      return PromptCheck.forward(prompt, network.store(), images, training);
    }
    return plain.apply(images);
  }

  private NDArray images(Batch batch, NDManager scope) {
    check.pixels(batch);
    NDArray images = batch.getData().head();
    images.tempAttach(scope);
    return images;
  }

  private static boolean[] right(float[] values, long[] labels) {
    int classes = values.length / labels.length;
    boolean[] right = new boolean[labels.length];
    for (int i = 0; i < labels.length; i++) {
      right[i] =
          argMax(values, i * classes, classes) == labels[i]
              && areNumbers(values, i * classes, classes);
    }
    return right;
  }

  private static boolean areNumbers(float[] values, int from, int count) {
    for (int i = 0; i < count; i++) {
      if (Float.isNaN(values[from + i])) {
        return false;
      }
    }
    return true;
  }

  /** Index of the largest value; ties to the lowest. */
  private static int argMax(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }
}
