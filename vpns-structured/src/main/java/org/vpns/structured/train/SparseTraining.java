package org.vpns.structured.train;

import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Regulariser;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * The stage that a method of channels begins with: all weights train under a regulariser that pulls
 * channels towards zero; those nearest to it leave afterwards. No weight is masked, so the recipe's
 * sparsity is 0:
 *
 * <pre>{@code
 * Recipe recipe =
 *     Recipe.of("Slim", Sparsity.of(0), SparseTraining.slim().stage(Length.epochs(10)))
 *         .input(ImageInput.of(3, 32, 32))
 *         .build();
 * }</pre>
 *
 * <p>The stage ends with its last epoch: the one of best accuracy would be one of the first.
 */
public final class SparseTraining extends Value<SparseTraining> {
  private static final double LAMBDA = 1e-4;

  private final Regulariser regulariser;
  private Stage.Motion weights;

  private SparseTraining(Regulariser regulariser, Stage.Motion weights) {
    this.regulariser = regulariser;
    this.weights = weights;
  }

  /**
   * Under any regulariser; weights move by SGD with momentum 0.9 at rate 0.01, a tenth of that from
   * 0.6 of the stage on and a hundredth from 0.8 on, without weight decay.
   */
  public static SparseTraining of(Regulariser regulariser) {
    Problem.given(regulariser, "SparseTraining.of", "regulariser");
    return new SparseTraining(
        regulariser,
        new Stage.Motion(
            UpdateRule.sgd().momentum(0.9),
            LearningRate.multiStep(0.01, 0.1, 0.6, 0.8).perEpoch()));
  }

  /** Slim with lambda 1e-4; weights move as {@link Stage.Motion#OF_WEIGHTS}, with decay 1e-4. */
  public static SparseTraining slim() {
    return new SparseTraining(Regularisers.slim(LAMBDA), Stage.Motion.OF_WEIGHTS);
  }

  /** DepGraph's regulariser with lambda 1e-4, which takes the place of weight decay. */
  public static SparseTraining depGraph() {
    return of(Regularisers.depGraph(LAMBDA));
  }

  /** How the weights move. */
  public SparseTraining weights(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "SparseTraining.weights", "rule");
    Problem.given(rate, "SparseTraining.weights", "rate");
    return with(training -> training.weights = new Stage.Motion(rule, rate));
  }

  /** The stage. */
  public Stage stage(Length length) {
    Problem.given(length, "SparseTraining.stage", "length");
    return Stage.builder("sparse training")
        .train(Target.WEIGHTS, weights)
        .regularise(regulariser)
        .pass(Pass.plain())
        .length(length)
        .build();
  }

  @Override
  public String toString() {
    return "sparse training with " + regulariser.describe() + "; weights by " + weights;
  }
}
