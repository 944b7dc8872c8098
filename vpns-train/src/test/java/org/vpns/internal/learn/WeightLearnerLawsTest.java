package org.vpns.internal.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.internal.network.HostFloats;
import org.vpns.optim.UpdateRule;

/**
 * True weights under a fixed mask: kept ones move as the rule says, removed ones get gradient zero,
 * and the network sees bits 0 in their place, whatever the rule does to them.
 */
final class WeightLearnerLawsTest {
  private static final UpdateRule[] RULES = {
    UpdateRule.sgd().decay(0.1),
    UpdateRule.sgd().momentum(0.9).decay(0.1),
    UpdateRule.sgd().momentum(0.9).nesterov().decay(0.1),
    UpdateRule.adam().decay(0.1),
    UpdateRule.adamW().decay(0.1)
  };

  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void weights_ofEveryRule_equalTheRuleOnMaskedGradients_andRemovedOnesAreZero(@ForAll long seed) {
    Random random = new Random(seed);
    UpdateRule rule = RULES[random.nextInt(RULES.length)];
    int[] sizes = {1 + random.nextInt(300), 4097, random.nextInt(4) == 0 ? 70_000 : 65};
    try (BareNetwork bare = new BareNetwork(sizes);
        ThreadTeam team = new ThreadTeam(1 + random.nextInt(3))) {
      Layout layout = bare.network.layout();
      EffectiveWeights weights = new EffectiveWeights(bare.network);
      float[] theta = numbers(layout.size(), random);
      bare.setWeights(weights, theta);
      MaskSet masks = masks(layout, random);
      weights.apply(masks);
      WeightLearner learner = new WeightLearner(weights, rule, team);
      float[][] slots = new float[rule.slots().size()][layout.size()];
      for (int t = 1; t <= 4; t++) {
        float[] gradient = numbers(layout.size(), random);
        gradient[random.nextInt(gradient.length)] = -0f;
        bare.backward(gradient);
        boolean idle = random.nextInt(5) == 0;
        if (idle) {
          learner.idle(0.01);
        } else {
          learner.update(0.01);
        }
        float[] g = new float[gradient.length];
        for (int i = 0; i < g.length; i++) {
          g[i] = kept(masks, layout, i) && !idle ? gradient[i] : 0;
        }
        rule.update(theta, g, slots, 0, g.length, 0.01, t);
        assertThat(weights.theta().toArray()).isEqualTo(theta);
        int[] expected = new int[theta.length];
        Arrays.setAll(
            expected, i -> kept(masks, layout, i) ? Float.floatToRawIntBits(theta[i]) : 0);
        assertThat(bare.bits()).isEqualTo(expected);
      }
    }
  }

  /**
   * A mask that moves: off it theta and moments are zero, fresh entries begin as they are told,
   * with moments of zero, and all others go on as they were.
   */
  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void change_withStartingWeights_beginsFreshEntriesThere_andLeavesTheOthers(@ForAll long seed) {
    Random random = new Random(seed);
    UpdateRule rule = RULES[random.nextInt(RULES.length)];
    try (BareNetwork bare = new BareNetwork(1 + random.nextInt(300), 4097);
        ThreadTeam team = new ThreadTeam(1)) {
      Layout layout = bare.network.layout();
      EffectiveWeights weights = new EffectiveWeights(bare.network);
      bare.setWeights(weights, numbers(layout.size(), random));
      MaskSet before = masks(layout, random);
      weights.apply(before);
      weights.forget(before);
      WeightLearner learner = new WeightLearner(weights, rule, team);
      bare.backward(numbers(layout.size(), random));
      learner.update(0.01);
      float[] theta = weights.theta().toArray();
      float[][] slots = slots(learner, rule, layout);
      MaskSet after = masks(layout, random);
      MaskSet fresh = after.and(masks(layout, random)).or(after.andNot(before));
      float[] start = random.nextBoolean() ? numbers(layout.size(), random) : null;
      learner.change(after, fresh, start);
      float[] expected = new float[theta.length];
      for (int i = 0; i < theta.length; i++) {
        boolean anew = kept(fresh, layout, i);
        expected[i] = !kept(after, layout, i) ? 0 : !anew ? theta[i] : start == null ? 0 : start[i];
        for (float[] slot : slots) {
          slot[i] = kept(after, layout, i) && !anew ? slot[i] : 0;
        }
      }
      assertThat(weights.theta().toArray()).isEqualTo(expected);
      assertThat(slots(learner, rule, layout)).isDeepEqualTo(slots);
      int[] bits = new int[expected.length];
      Arrays.setAll(bits, i -> kept(after, layout, i) ? Float.floatToRawIntBits(expected[i]) : 0);
      assertThat(bare.bits()).isEqualTo(bits);
      assertThat(weights.masks()).isEqualTo(after);
    }
  }

  /** The learner's moments, in the order of the rule's slots. */
  private static float[][] slots(WeightLearner learner, UpdateRule rule, Layout layout) {
    float[][] slots = new float[rule.slots().size()][layout.size()];
    learner.visit(
        new LearnerVisitor() {
          @Override
          public void floats(String name, float[] values, int offset, int length) {
            for (int s = 0; s < slots.length; s++) {
              for (int t = 0; t < layout.tensors(); t++) {
                if (name.equals(layout.path(t) + "/" + rule.slots().get(s))) {
                  System.arraycopy(values, offset, slots[s], layout.offset(t), length);
                }
              }
            }
          }

          @Override
          public void host(String name, HostFloats values, int offset, int length) {}

          @Override
          public void counters(String name, long[] values) {}
        });
    return slots;
  }

  private static float[] numbers(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static MaskSet masks(Layout layout, Random random) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      masks.put(layout.path(i), Mask.of(layout.shape(i), at -> random.nextInt(3) == 0));
    }
    return MaskSet.of(masks);
  }

  private static boolean kept(MaskSet masks, Layout layout, int flat) {
    int tensor = 0;
    while (layout.offset(tensor + 1) <= flat) {
      tensor++;
    }
    return masks.get(layout.path(tensor)).isKept(flat - layout.offset(tensor));
  }
}
