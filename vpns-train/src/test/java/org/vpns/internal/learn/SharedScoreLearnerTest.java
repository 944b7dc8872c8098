package org.vpns.internal.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.internal.network.HostFloats;
import org.vpns.optim.SharedScores;
import org.vpns.optim.UpdateRule;

/** Gradients of shared scores by hand; with plain SGD at rate 0.1 a step is a tenth of them. */
final class SharedScoreLearnerTest {
  /** Gates of t0 (4 weights) and t1 (2): {t0[0], t0[1], t1[1]}, {t0[2], t0[3]}, {t1[0], t1[1]}. */
  private record Worked(Layout layout) implements SharedScores.Gates {
    private static final int[][][] BEHIND = {{{0}, {0}, {1}, {1}}, {{2}, {0, 2}}};

    @Override
    public int count() {
      return 3;
    }

    @Override
    public String name(int gate) {
      return "gate " + gate;
    }

    @Override
    public float[] start(ScoringContext context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BitSet select(float[] magnitudes) {
      BitSet open = new BitSet();
      IntStream.range(0, 3)
          .boxed()
          .sorted(Comparator.comparing(i -> -magnitudes[i]))
          .limit(2)
          .forEach(open::set);
      return open;
    }

    @Override
    public MaskSet masks(BitSet open) {
      return MaskSet.of(
          layout,
          t -> Mask.of(layout.shape(t), i -> IntStream.of(BEHIND[t][i]).allMatch(open::get)));
    }

    @Override
    public void add(int tensor, int from, float[] products, int n, BitSet open, double[] sums) {
      for (int i = 0; i < n; i++) {
        int[] gates = BEHIND[tensor][from + i];
        for (int gate : gates) {
          if (IntStream.of(gates).allMatch(other -> other == gate || open.get(other))) {
            sums[gate] += products[i];
          }
        }
      }
    }
  }

  private final BareNetwork bare = new BareNetwork(4, 2);
  private final Worked gates = new Worked(bare.network.layout());
  private final EffectiveWeights weights = new EffectiveWeights(bare.network);

  private SharedScoreLearner learner(float... start) {
    bare.setWeights(weights, new float[] {2, -1, 3, -0.5f, 4, 10});
    weights.apply(gates.masks(gates.select(SharedScoreLearner.magnitudes(start))));
    return new SharedScoreLearner(weights, gates, start, UpdateRule.sgd());
  }

  @Test
  void step_ofTheWorkedGates_movesOpenAndClosedScores_andSelectsAnew() {
    try (bare) {
      float[] scores = {0.5f, -0.4f, 0.1f};
      SharedScoreLearner learner = learner(scores);
      assertThat(bare.network.weight(0).toFloatArray()).containsExactly(2, -1, 3, -0.5f);
      assertThat(bare.network.weight(1).toFloatArray()).containsExactly(0, 0);

      bare.backward(new float[] {0.1f, 0.4f, 0.3f, -0.4f, 0.5f, 1});
      learner.update(0.1);

      // gate 0: 0.1 * 2 + 0.4 * -1, nothing of t1[1] while gate 2 is closed
      // gate 1: sign -1 of 0.3 * 3 + -0.4 * -0.5; gate 2, closed: 0.5 * 4 + 1 * 10
      assertThat(scores)
          .containsExactly(
              new float[] {0.5f + 0.1f * 0.2f, -0.4f + 0.1f * 1.1f, 0.1f - 0.1f * 12},
              within(1e-6f)); // decimals as floats
      assertThat(bare.network.weight(0).toFloatArray()).containsExactly(2, -1, 0, 0);
      assertThat(bare.network.weight(1).toFloatArray()).containsExactly(4, 10);
      assertThat(weights.masks()).isEqualTo(learner.masks());
      assertThat(bare.network.gradients()).containsOnly(0);
    }
  }

  @Test
  void step_ofAScoreOfZero_leavesIt_idleOnesLeaveAll() {
    try (bare) {
      float[] scores = {0.5f, -0.4f, 0};
      SharedScoreLearner learner = learner(scores);
      bare.backward(new float[] {0, 0, 0, 0, 1, 1});
      learner.update(1);
      assertThat(scores).containsExactly(0.5f, -0.4f, 0);
      bare.backward(new float[] {1, 0, 1, 1, 1, 1});
      learner.idle(1);
      assertThat(scores).containsExactly(0.5f, -0.4f, 0);
      assertThat(bare.network.gradients()).containsOnly(0);
    }
  }

  @Test
  void step_intoNotANumber_namesTheGate() {
    try (bare) {
      SharedScoreLearner learner = learner(0.5f, -0.4f, 0);
      float infinite = Float.POSITIVE_INFINITY;
      bare.backward(new float[] {infinite, infinite, 0, 0, 0, 0}); // inf * 2 + inf * -1
      assertThatThrownBy(() -> learner.update(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "score is not a number: gate 0; expected a number, found NaN after update 1; lower"
                  + " the learning rate of the scores.");
    }
  }

  @Test
  void state_isScoresSlotsAndCounter() {
    try (bare) {
      SharedScoreLearner learner =
          new SharedScoreLearner(weights, gates, new float[] {3, 2, 1}, UpdateRule.adam());
      List<String> names = new ArrayList<>();
      learner.visit(
          new LearnerVisitor() {
            @Override
            public void floats(String name, float[] live, int offset, int length) {
              names.add(name + " " + (length - offset));
            }

            @Override
            public void counters(String name, long[] live) {
              names.add(name);
            }

            @Override
            public void host(String name, HostFloats live, int offset, int length) {
              throw new UnsupportedOperationException(name);
            }
          });
      assertThat(names).containsExactlyInAnyOrder("updates", "score 3", "m 3", "v 3");
    }
  }
}
