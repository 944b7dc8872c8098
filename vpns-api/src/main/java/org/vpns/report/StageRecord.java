package org.vpns.report;

import com.google.common.collect.ImmutableList;
import com.google.gson.annotations.JsonAdapter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * What a stage cost and how it went.
 *
 * @param name such as {@code find mask}
 * @param gradientSteps forward and backward passes over one batch, in training
 * @param images images that went through these passes
 * @param seconds wall time of training; evaluations, and finding or moving the mask, excluded
 * @param losses training loss of every gradient step, in order
 * @param epochs averages per epoch
 * @param bestEpoch epoch whose state was taken on validation accuracy; null = the last
 * @param sparsity fraction of the prunable weights removed at its end; null in older reports
 * @param accuracy of the test images at its end; null unless the stage is measured
 * @param explored fraction of the prunable weights that its mask ever kept; null unless the mask
 *     moved and was followed
 * @param forwards forward passes in training: the gradient steps', and a teacher's; null in older
 *     reports
 * @param scoring what finding the mask at the stage's beginning cost, and moving it; null in older
 *     reports
 */
public record StageRecord(
    String name,
    long gradientSteps,
    long images,
    double seconds,
    List<Double> losses,
    List<EpochRecord> epochs,
    @Nullable Integer bestEpoch,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Double sparsity,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Accuracy accuracy,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Double explored,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long forwards,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Cost scoring) {
  /** Copies the lists. */
  public StageRecord {
    Problem.given(name, "new StageRecord", "name");
    losses = ImmutableList.copyOf(Problem.givenEach(losses, "new StageRecord", "losses"));
    epochs = ImmutableList.copyOf(Problem.givenEach(epochs, "new StageRecord", "epochs"));
  }

  /** Without figures about its end, and without those of its scores. */
  public StageRecord(
      String name,
      long gradientSteps,
      long images,
      double seconds,
      List<Double> losses,
      List<EpochRecord> epochs,
      @Nullable Integer bestEpoch) {
    this(
        name,
        gradientSteps,
        images,
        seconds,
        losses,
        epochs,
        bestEpoch,
        null,
        null,
        null,
        null,
        null);
  }

  /** What training cost; in older reports without a teacher's passes. */
  public Cost training() {
    return new Cost(forwards == null ? gradientSteps : forwards, gradientSteps, 0, images, seconds);
  }
}
