package org.vpns.internal.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.UpdateRule;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;
import org.vpns.testing.train.TinyAllocations;

/**
 * The fused pass against {@link PlainScores}: bits of scores, rule state and weights, each step.
 */
final class ScoreLearnerLawsTest {
  /** Around the mask's words (64), the threshold's blocks (256) and the pieces (4096). */
  private static final int[] SIZES = {1, 63, 64, 65, 255, 257, 1000, 4095, 4096, 4097, 9001};

  private static final UpdateRule[] RULES = {
    UpdateRule.adam(),
    UpdateRule.adam().decay(1e-4),
    UpdateRule.adamW(),
    UpdateRule.sgd(),
    UpdateRule.sgd().momentum(0.9).decay(1e-3)
  };

  private static final Allocation PER_LAYER =
      new GroupedAllocation() {
        @Override
        public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
          return IntStream.range(0, layout.tensors())
              .mapToObj(i -> new TensorGroup(List.of(i), sparsity.keep(layout.size(i))))
              .toList();
        }

        @Override
        public String describe() {
          return "per layer";
        }
      };

  /** Not grouped, so the learner has to ask it after every step. */
  private static final Allocation UNGROUPED =
      new Allocation() {
        @Override
        public MaskSet allocate(Scores scores, Sparsity sparsity) {
          return TinyAllocations.global().allocate(scores, sparsity);
        }

        @Override
        public String describe() {
          return "ungrouped";
        }
      };

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void everyStep_equalsThePlainFormulas(@ForAll long seed) {
    Random random = new Random(seed);
    int[] sizes = new int[1 + random.nextInt(4)];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = SIZES[random.nextInt(SIZES.length)];
    }
    if (random.nextInt(8) == 0) {
      sizes[random.nextInt(sizes.length)] = 70_001;
    }
    Allocation allocation =
        new Allocation[] {TinyAllocations.global(), PER_LAYER, UNGROUPED}[random.nextInt(3)];
    Sparsity sparsity =
        Sparsity.of(new String[] {"0", "0.3", "0.5", "0.9", "0.99", "1"}[random.nextInt(6)]);
    UpdateRule rule = RULES[random.nextInt(RULES.length)];
    if (random.nextInt(4) == 0) {
      System.setProperty(TensorMemory.PROPERTY, "copy"); // as on a device whose memory is its own
    }
    try (BareNetwork bare = new BareNetwork(sizes);
        ThreadTeam team = new ThreadTeam(1 + random.nextInt(3))) {
      Pair pair = new Pair(bare, team, allocation, sparsity, rule, random, random.nextInt(4));
      pair.compare();
      for (int step = 0; step < 10; step++) {
        pair.step(random.nextInt(5), random);
        pair.compare();
      }
    } finally {
      System.clearProperty(TensorMemory.PROPERTY);
    }
  }

  /**
   * Small steps on many scores, as in training: after the first step, no selection from scratch.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void smallSteps_stayInsideTheWindow_forAnyNumberOfThreads(int threads) {
    Random random = new Random(5);
    try (BareNetwork bare = new BareNetwork(100_000, 333, 60_000);
        ThreadTeam team = new ThreadTeam(threads)) {
      Pair pair =
          new Pair(
              bare,
              team,
              TinyAllocations.global(),
              Sparsity.of("0.9"),
              UpdateRule.adam().decay(1e-4),
              random,
              0);
      pair.rate = 1e-4;
      for (int step = 0; step < 25; step++) {
        pair.step(0, random);
        pair.compare();
      }
      assertThat(pair.learner.misses()).isEqualTo(1);
    }
  }

  @Test
  void jumps_leaveTheWindow_andAreSelectedAnew() {
    Random random = new Random(6);
    try (BareNetwork bare = new BareNetwork(20_000);
        ThreadTeam team = new ThreadTeam(2)) {
      Pair pair =
          new Pair(
              bare,
              team,
              TinyAllocations.global(),
              Sparsity.of("0.9"),
              UpdateRule.sgd(),
              random,
              0);
      for (int step = 0; step < 6; step++) {
        pair.step(1, random);
        pair.compare();
      }
      assertThat(pair.learner.misses()).isGreaterThan(2);
    }
  }

  @Test
  void scores_ofOneTwoAndThreeThreads_areTheSameBits() {
    List<int[]> results = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      Random random = new Random(7);
      try (BareNetwork bare = new BareNetwork(50_000, 40_001, 20_000);
          ThreadTeam team = new ThreadTeam(threads)) {
        Pair pair =
            new Pair(bare, team, PER_LAYER, Sparsity.of("0.5"), UpdateRule.adam(), random, 0);
        for (int step = 0; step < 5; step++) {
          pair.step(random.nextInt(5), random);
        }
        results.add(bits(pair.learner.scores().values()));
        results.add(bare.bits());
      }
    }
    assertThat(results.get(2)).isEqualTo(results.get(0));
    assertThat(results.get(4)).isEqualTo(results.get(0));
    assertThat(results.get(3)).isEqualTo(results.get(1));
    assertThat(results.get(5)).isEqualTo(results.get(1));
  }

  private static int[] bits(float[] values) {
    return Arrays.stream(box(values)).mapToInt(Float::floatToRawIntBits).toArray();
  }

  private static Float[] box(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return boxed;
  }

  /** The learner and its plain counterpart, on equal numbers. */
  private static final class Pair {
    final BareNetwork bare;
    final ScoreLearner learner;
    final PlainScores plain;
    double rate = 0.01;

    Pair(
        BareNetwork bare,
        ThreadTeam team,
        Allocation allocation,
        Sparsity sparsity,
        UpdateRule rule,
        Random random,
        int kind) {
      this.bare = bare;
      Layout layout = bare.network.layout();
      float[] start = values(layout.size(), random, kind == 3 ? 3 : 0);
      // Ties that survive the steps need equal weights.
      float[] theta = kind >= 2 ? constant(layout.size()) : values(layout.size(), random, 0);
      EffectiveWeights weights = new EffectiveWeights(bare.network);
      bare.setWeights(weights, theta);
      learner =
          new ScoreLearner(
              weights, Scores.of(layout, start.clone()), allocation, sparsity, rule, team);
      plain = new PlainScores(layout, start, theta, allocation, sparsity, rule);
    }

    private static float[] constant(int size) {
      float[] values = new float[size];
      Arrays.fill(values, 1);
      return values;
    }

    /** 0 usual size, 1 huge jumps, 2 zeros, 3 few different values, 4 a few zeros and giants. */
    private static float[] values(int size, Random random, int kind) {
      float[] values = new float[size];
      float scale = (float) Math.pow(10, random.nextInt(5));
      for (int i = 0; i < size; i++) {
        values[i] =
            switch (kind) {
              case 0 -> (float) random.nextGaussian();
              case 1 -> (float) random.nextGaussian() * scale;
              case 2 -> 0;
              case 3 -> (random.nextInt(5) - 2) / 2f;
              default -> random.nextInt(10) == 0 ? 1e30f : random.nextInt(2);
            };
      }
      return values;
    }

    void step(int kind, Random random) {
      float[] gradient = values(bare.network.layout().size(), random, kind);
      bare.backward(gradient);
      if (random.nextInt(6) == 0) {
        learner.idle(rate);
        plain.step(new float[gradient.length], rate);
      } else {
        learner.update(rate);
        plain.step(gradient, rate);
      }
    }

    void compare() {
      assertThat(bits(learner.scores().values())).isEqualTo(bits(plain.scores));
      assertThat(bare.bits()).isEqualTo(plain.bits());
      assertThat(learner.masks()).isEqualTo(plain.masks());
      List<float[]> slots = new ArrayList<>();
      learner.visit(
          new LearnerVisitor() {
            @Override
            public void floats(String name, float[] live, int offset, int length) {
              if (slots.isEmpty() || slots.get(slots.size() - 1) != live) {
                slots.add(live);
              }
            }

            @Override
            public void host(String name, HostFloats live, int offset, int length) {}

            @Override
            public void counters(String name, long[] live) {}
          });
      assertThat(slots).hasSize(plain.slots.length);
      for (int i = 0; i < plain.slots.length; i++) {
        assertThat(bits(slots.get(i))).isEqualTo(bits(plain.slots[i]));
      }
    }
  }
}
