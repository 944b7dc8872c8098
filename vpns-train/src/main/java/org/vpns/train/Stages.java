package org.vpns.train;

import com.google.common.collect.ImmutableList;
import java.util.AbstractList;
import java.util.Collection;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** The stages of a recipe in their order, and what follows from it. Immutable. */
final class Stages extends AbstractList<Stage> {
  private final ImmutableList<Stage> stages;

  private Stages(ImmutableList<Stage> stages) {
    this.stages = stages;
  }

  /** These stages. */
  static Stages of(Collection<Stage> stages) {
    return stages instanceof Stages own ? own : new Stages(ImmutableList.copyOf(stages));
  }

  @Override
  public Stage get(int index) {
    return stages.get(index);
  }

  @Override
  public int size() {
    return stages.size();
  }

  /** Whether no stage after this one has a mask of its own. */
  boolean hasLastMask(int index) {
    return stages.subList(index + 1, stages.size()).stream().noneMatch(Stage::changesMask);
  }

  /** Whether this stage begins with the mask that the network has in the end. */
  boolean beginsWithLastMask(int index) {
    return stages.get(index).hasFixedMask() && hasLastMask(index);
  }

  /** The last stage that trains weights under a mask that stays; empty if there is none. */
  OptionalInt tuning() {
    return last(stage -> stage.hasFixedMask() && stage.motions().containsKey(Target.WEIGHTS));
  }

  /** The last stage that moves prunable weights; empty if there is none. */
  OptionalInt lastOfWeights() {
    return last(Stage::movesWeights);
  }

  private OptionalInt last(Predicate<Stage> wanted) {
    for (int i = stages.size() - 1; i >= 0; i--) {
      if (wanted.test(stages.get(i))) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether any stage shows the prompt, to the network or to scorers. */
  boolean showPrompt() {
    return stages.stream().anyMatch(stage -> stage.usesPrompt() || stage.scoresWithPrompt());
  }

  /** Whether the network that comes out is made for images with the prompt. */
  boolean endPrompted() {
    return stages.get(stages.size() - 1).usesPrompt();
  }

  /** Whether any stage learns from the network as it was before pruning. */
  boolean areTaught() {
    return stages.stream().anyMatch(stage -> stage.distillation() != null);
  }

  /** Iterations of all stages, those that a rewound stage skips included. */
  long iterations(long perEpoch) {
    return iterationsBefore(stages.size(), perEpoch);
  }

  /** Iterations of the stages before one. */
  long iterationsBefore(int index, long perEpoch) {
    return stages.subList(0, index).stream()
        .mapToLong(stage -> stage.length().iterationsOf(perEpoch))
        .sum();
  }

  /** Epochs that the stages before one begin; every stage begins with an epoch of its own. */
  long epochsBefore(int index, long perEpoch) {
    return stages.subList(0, index).stream()
        .mapToLong(stage -> (stage.length().iterationsOf(perEpoch) + perEpoch - 1) / perEpoch)
        .sum();
  }
}
