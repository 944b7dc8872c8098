package org.vpns.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class UpdateRuleLawsTest {
  private static final List<UpdateRule> RULES =
      List.of(
          UpdateRule.sgd(),
          UpdateRule.sgd().decay(0.01),
          UpdateRule.sgd().momentum(0.9).decay(0.01),
          UpdateRule.sgd().momentum(0.9).decay(0.01).nesterov(),
          UpdateRule.adam(),
          UpdateRule.adam().decay(0.01),
          UpdateRule.adamW(),
          UpdateRule.adam().betas(0, 0).decay(1));

  @Provide
  Arbitrary<UpdateRule> rules() {
    return Arbitraries.of(RULES);
  }

  private static float[][] slots(UpdateRule rule, int n) {
    return new float[rule.slots().size()][n];
  }

  @Property(tries = 200)
  void update_inPieces_equalsOneUpdateBitForBit(
      @ForAll("rules") UpdateRule rule,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 0, max = 40) int cut,
      @ForAll long seed) {
    int first = Math.min(cut, n);
    Random random = new Random(seed);
    float[] whole = gaussians(random, n);
    float[] pieces = whole.clone();
    float[][] wholeSlots = slots(rule, n);
    float[][] pieceSlots = slots(rule, n);
    for (int t = 1; t <= 4; t++) {
      float[] g = gaussians(random, n);
      float[] a = Arrays.copyOfRange(pieces, 0, first);
      float[] b = Arrays.copyOfRange(pieces, first, n);
      rule.update(a, Arrays.copyOfRange(g, 0, first), pieceSlots, 0, first, 0.1, t);
      rule.update(b, Arrays.copyOfRange(g, first, n), pieceSlots, first, n - first, 0.1, t);
      System.arraycopy(a, 0, pieces, 0, first);
      System.arraycopy(b, 0, pieces, first, n - first);
      rule.update(whole, g, wholeSlots, 0, n, 0.1, t);
      assertThat(pieces).isEqualTo(whole);
      assertThat(pieceSlots).isDeepEqualTo(wholeSlots);
    }
  }

  /** Buffers longer than the piece: what lies behind entry n - 1 is left alone. */
  @Property(tries = 100)
  void update_ofAPiece_leavesTheRestAlone(@ForAll("rules") UpdateRule rule) {
    float[] p = {1, 2, 3};
    float[] g = {1, 1, 1};
    float[][] slots = slots(rule, 5);
    rule.update(p, g, slots, 2, 2, 0.1, 1);
    assertThat(p[2]).isEqualTo(3);
    assertThat(p[1]).isNotEqualTo(2);
    for (float[] slot : slots) {
      assertThat(slot[0]).isZero();
      assertThat(slot[1]).isZero();
      assertThat(slot[2]).isNotZero();
      assertThat(slot[3]).isNotZero();
      assertThat(slot[4]).isZero();
    }
  }

  /** What is pruned stays pruned: value, gradient and state +-0 remain +-0, whatever the decay. */
  @Property(tries = 200)
  void prunedEntries_underEveryRule_stayExactlyZero(
      @ForAll("rules") UpdateRule rule,
      @ForAll @IntRange(min = 1, max = 60) int steps,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] p = gaussians(random, 32);
    boolean[] pruned = new boolean[32];
    for (int i = 0; i < 32; i++) {
      pruned[i] = random.nextBoolean();
      p[i] = pruned[i] ? Math.copySign(0f, p[i]) : p[i];
    }
    float[][] slots = slots(rule, 32);
    for (int t = 1; t <= steps; t++) {
      float[] g = gaussians(random, 32);
      for (int i = 0; i < 32; i++) {
        g[i] = pruned[i] ? Math.copySign(0f, g[i]) : g[i];
      }
      rule.update(p, g, slots, 0, 32, 0.1, t);
    }
    for (int i = 0; i < 32; i++) {
      if (pruned[i]) {
        assertThat(p[i]).isZero();
        for (float[] slot : slots) {
          assertThat(slot[i]).isZero();
        }
      } else {
        assertThat(p[i]).isFinite().isNotZero();
      }
    }
  }

  private static float[] gaussians(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
