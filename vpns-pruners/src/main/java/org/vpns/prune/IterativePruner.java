package org.vpns.prune;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.util.List;
import java.util.function.Consumer;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.RepeatedScorer;
import org.vpns.train.Length;
import org.vpns.train.MaskFinder;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;

/**
 * Scores the pretrained network in one round or in several, removing the same fraction of what is
 * left in each, then tunes the survivors: SNIP, GraSP, SynFlow.
 *
 * <pre>
 * m_0 = 1,  m_k = select(score(m_(k-1) theta) among m_(k-1), 1 - (1 - s)^(k / R)),  k = 1 .. R
 * then min over theta of L(f(m_R theta))
 * </pre>
 *
 * <p>Defaults: one round, global selection; 120 epochs of tuning, SGD with momentum 0.9 and decay
 * 1e-4, 0.01 falling by a cosine per epoch. Immutable.
 */
public final class IterativePruner implements Pruner {
  private final String name;
  private RepeatedScorer scorer;
  private int rounds = 1;
  private Allocation allocation = Allocations.global();
  private Stage.Motion weights = Tuning.MOTION;
  private Length length = Length.epochs(120);

  /** A method of the given name, in one round. */
  public IterativePruner(String name, RepeatedScorer scorer) {
    this.name = name;
    this.scorer = scorer;
  }

  private IterativePruner with(Consumer<IterativePruner> change) {
    IterativePruner copy = new IterativePruner(name, scorer);
    copy.rounds = rounds;
    copy.allocation = allocation;
    copy.weights = weights;
    copy.length = length;
    change.accept(copy);
    return copy;
  }

  /**
   * Scores so many times.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public IterativePruner rounds(int newRounds) {
    if (newRounds < 1) {
      throw Problem.argument(
          "number of rounds out of range",
          "Pruner " + name + ".rounds",
          "at least 1",
          newRounds,
          "pass 1 for one shot");
    }
    return with(p -> p.rounds = newRounds);
  }

  /** Spends the budget otherwise; default {@link Allocations#global()}. */
  public IterativePruner allocation(Allocation newAllocation) {
    return with(p -> p.allocation = newAllocation);
  }

  /** Tunes the weights otherwise. */
  public IterativePruner weights(UpdateRule rule, LearningRate rate) {
    return with(p -> p.weights = new Stage.Motion(rule, rate));
  }

  /** Tunes for another length. */
  public IterativePruner length(Length newLength) {
    return with(p -> p.length = newLength);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Stage> stages(Sparsity sparsity) {
    return List.of(Tuning.stage(weights, length).mask(rule(sparsity)).build());
  }

  private RoundsRule rule(Sparsity sparsity) {
    return new RoundsRule(scorer, allocation, sparsity, rounds);
  }

  /**
   * The mask alone, without any training, of a method that looks at images: at this batch. The
   * model stays as it is. With prompt and label mapping: {@link org.vpns.train.Trainer#findMask}.
   *
   * @param batch network inputs (batch, channels, height, width), normalised, and for each image
   *     the number of its logit
   * @throws IllegalArgumentException if inputs or labels do not fit the network
   */
  public MaskSet findMask(Model model, Batch batch, Sparsity sparsity) {
    return MaskFinder.of(rule(sparsity), 0).find(model, batch);
  }

  /**
   * The mask alone of a method that looks at no images, such as SynFlow. The model stays as it is.
   *
   * @param input shape of one network input, (channels, height, width)
   * @throws IllegalArgumentException if the input does not fit the network
   */
  public MaskSet findMask(Model model, Shape input, Sparsity sparsity) {
    return MaskFinder.of(rule(sparsity), 0).find(model, input);
  }
}
