package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;

/**
 * What every {@link Allocation} promises: the exact number kept of whatever scores, ties and
 * infinities included; the larger score first, then the lower position; the same masks for the same
 * scores; and scores that are no numbers named. Say how your allocation is made, and, where it
 * counts or ranks otherwise, how.
 */
public abstract class AllocationContract {
  /** Four tensors of a small network: 72, 16, 256 and 40 weights. */
  protected static final Layout LAYOUT = layout();

  /** A new allocation; equal ones every time. */
  protected abstract Allocation allocation();

  /** The sparsities that the tests ask for. */
  protected List<Sparsity> sparsities() {
    return List.of(
        Sparsity.of("0.5"), Sparsity.of("0.75"), Sparsity.of("0.9"), Sparsity.of("0.333"));
  }

  /** How many weights are kept; by default n - floor(s n). */
  protected long kept(Layout layout, Sparsity sparsity) {
    return sparsity.keep(layout.size());
  }

  /**
   * Whether a kept weight never has a smaller score than a removed one of its tensor; by default
   * so. Not so where patterns rule, as with N:M and blocks.
   */
  protected boolean ranksWithinTensors() {
    return true;
  }

  private static Layout layout() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("first.weight", new Shape(8, 1, 3, 3));
    shapes.put("narrow.weight", new Shape(4, 4, 1, 1));
    shapes.put("wide.weight", new Shape(16, 16, 1, 1));
    shapes.put("head.weight", new Shape(5, 8));
    return Layout.of(shapes);
  }

  /** Random scores, scores with many ties, equal ones, and ones with infinities. */
  private static List<Scores> scores() {
    List<Scores> all = new ArrayList<>();
    for (int kind = 0; kind < 4; kind++) {
      Random random = new Random(kind);
      float[] values = new float[LAYOUT.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (kind) {
              case 0 -> (float) random.nextGaussian();
              case 1 -> random.nextInt(4);
              case 2 -> 1;
              default ->
                  random.nextInt(9) == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
            };
      }
      all.add(Scores.of(LAYOUT, values));
    }
    return all;
  }

  @Test
  void allocation_keepsTheExactNumber_ofWhateverScores() {
    for (Scores scores : scores()) {
      for (Sparsity sparsity : sparsities()) {
        MaskSet masks = allocation().allocate(scores, sparsity);
        masks.requireFits(LAYOUT);
        assertThat(masks.kept()).as(sparsity.toString()).isEqualTo(kept(LAYOUT, sparsity));
      }
    }
  }

  @Test
  void allocation_ofTheSameScores_isTheSame_andLeavesThemAlone() {
    for (Scores scores : scores()) {
      float[] before = scores.values().clone();
      for (Sparsity sparsity : sparsities()) {
        MaskSet first = allocation().allocate(scores, sparsity);
        assertThat(allocation().allocate(scores, sparsity)).isEqualTo(first);
      }
      assertThat(scores.values()).isEqualTo(before);
    }
  }

  @Test
  void allocation_prefersLargerScores_thenLowerPositions() {
    if (!ranksWithinTensors()) {
      return;
    }
    for (Scores scores : scores()) {
      for (Sparsity sparsity : sparsities()) {
        MaskSet masks = allocation().allocate(scores, sparsity);
        for (int t = 0; t < LAYOUT.tensors(); t++) {
          Mask mask = masks.mask(t);
          int worstKept = -1;
          int bestRemoved = -1;
          for (int i = 0; i < LAYOUT.size(t); i++) {
            float score = scores.get(LAYOUT.offset(t) + i);
            if (mask.isKept(i)
                && (worstKept < 0 || score <= scores.get(LAYOUT.offset(t) + worstKept))) {
              worstKept = i;
            }
            if (!mask.isKept(i)
                && (bestRemoved < 0 || score > scores.get(LAYOUT.offset(t) + bestRemoved))) {
              bestRemoved = i;
            }
          }
          if (worstKept >= 0 && bestRemoved >= 0) {
            float kept = scores.get(LAYOUT.offset(t) + worstKept);
            float removed = scores.get(LAYOUT.offset(t) + bestRemoved);
            assertThat(kept > removed || kept == removed && worstKept < bestRemoved)
                .as(LAYOUT.path(t) + " at " + sparsity)
                .isTrue();
          }
        }
      }
    }
  }

  @Test
  void allocation_ofScoresThatAreNoNumbers_namesTheTensor() {
    float[] values = new float[LAYOUT.size()];
    values[LAYOUT.offset(2) + 7] = Float.NaN;
    assertThatThrownBy(() -> allocation().allocate(Scores.of(LAYOUT, values), sparsities().get(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("wide.weight");
  }

  @Test
  void allocation_describesItself() {
    assertThat(allocation().describe()).isNotBlank().isEqualTo(allocation().describe());
  }
}
