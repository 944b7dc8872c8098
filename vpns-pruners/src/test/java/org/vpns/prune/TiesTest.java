package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Allocation;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.score.RepeatedScorer;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Ties through the whole path, from a network's weights to its mask: of scores (3, 1, 3, 2, 3) two
 * kept are at 0 and 2, one at 0; of equal ones two are at 0 and 1.
 */
final class TiesTest {
  private static final float[] TIED = {-3, 1, 3, -2, 3};
  private static final float[] EQUAL = {2, -2, 2, 2, -2};

  /**
   * A rule that is asked for a number of weights.
   *
   * @param target what a stage with this mask trains
   */
  private record Case(String name, Function<Sparsity, MaskRule> rule, Target target)
      implements Pruner {
    Case(String name, Function<Sparsity, MaskRule> rule) {
      this(name, rule, Target.WEIGHTS);
    }

    @Override
    public List<Stage> stages(Sparsity sparsity) {
      return List.of(
          Stage.builder("find mask")
              .mask(rule.apply(sparsity))
              .train(target, UpdateRule.sgd(), LearningRate.constant(0.1))
              .pass(Pass.plain())
              .length(Length.iterations(1))
              .build());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Case once(Scorer scorer, Allocation allocation) {
    return new Case(
        scorer.describe() + ", " + allocation.describe(),
        sparsity -> MaskRule.once(scorer, allocation, sparsity));
  }

  private static Case rounds(RepeatedScorer scorer, Allocation allocation, int rounds) {
    return new Case(
        scorer.describe() + ", " + allocation.describe() + ", rounds " + rounds,
        sparsity -> new RoundsRule(scorer, allocation, sparsity, rounds));
  }

  private static Stream<Case> cases() {
    Scorer magnitude = Scorers.magnitude();
    Allocation global = Allocations.global();
    RepeatedScorer snip = Scorers.snip();
    return Stream.of(
        once(magnitude, global),
        once(magnitude, Allocations.perLayer()),
        once(magnitude, Allocations.nOfM(2, 5)),
        once(magnitude, Allocations.globalWithFloor(1)),
        once(magnitude, Allocations.uniform()),
        once(magnitude, Allocations.blocks(1, 1)),
        once(snip, global),
        once(Scorers.synFlow(), global),
        new Case("nested", s -> MaskRule.nested(magnitude, global, s)),
        new Case("learned", s -> MaskRule.learned(signed(), global, s), Target.SCORES),
        rounds(snip, global, 1),
        rounds(snip, global, 3),
        rounds(snip, Allocations.perLayer(), 2),
        rounds(Scorers.synFlow(), global, 1),
        rounds(Scorers.synFlow(), global, 4));
  }

  /** The weights themselves as scores to learn from. */
  private static Scorer signed() {
    return new Scorer() {
      @Override
      public Scores score(ScoringContext context) {
        return Scores.of(context.layout(), context.weights(0));
      }

      @Override
      public String describe() {
        return "weights";
      }
    };
  }

  /**
   * The mask of a linear layer from five inputs to two outputs; the weights of the second are 0.
   * All inputs are 1, so SNIP's scores tie as the weights do, and so do SynFlow's.
   */
  private static String find(Pruner pruner, Sparsity sparsity, float[] weights) {
    try (Model model = Model.newInstance("ties");
        NDManager manager = NDManager.newBaseManager()) {
      Block block = Linear.builder().setUnits(2).optBias(false).build();
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 5));
      model.setBlock(block);
      block.getParameters().valueAt(0).getArray().set(Arrays.copyOf(weights, 10));
      Batch batch =
          new Batch(
              manager,
              new NDList(manager.ones(new Shape(2, 5))),
              new NDList(manager.create(new long[] {0, 1})),
              2,
              Batchifier.STACK,
              Batchifier.STACK,
              0,
              2);
      MaskSet masks = pruner.findMask(model, batch, sparsity);
      Mask mask = masks.get(masks.layout().path(0));
      StringBuilder bits = new StringBuilder();
      for (int i = 0; i < mask.size(); i++) {
        bits.append(mask.isKept(i) ? 1 : 0);
      }
      return bits.toString();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ofEqualScores_theLowerPositionsStay(Case c) {
    Sparsity two = Sparsity.of("0.8");
    Sparsity one = Sparsity.of("0.9");
    assertThat(find(c, two, TIED)).isEqualTo("1010000000");
    assertThat(find(c, one, TIED)).isEqualTo("1000000000");
    assertThat(find(c, two, EQUAL)).isEqualTo("1100000000");
    assertThat(find(c, one, EQUAL)).isEqualTo("1000000000");
  }
}
