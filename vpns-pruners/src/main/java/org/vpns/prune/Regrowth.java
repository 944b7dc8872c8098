package org.vpns.prune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/**
 * Dropping and growing weights, each parameter on its own. Counts are per parameter; of equal
 * candidates the lower index stays or grows.
 */
final class Regrowth {
  private Regrowth() {}

  /** Of the candidates the given numbers of largest values. */
  static MaskSet largest(Layout layout, float[] values, MaskSet candidates, int[] counts) {
    List<TensorGroup> groups = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      groups.add(new TensorGroup(List.of(i), counts[i]));
    }
    Scores scores = Scores.of(layout, values).nested(candidates);
    return Selection.largest(scores, groups, Selection.Order.VALUE);
  }

  /** Of the candidates the given numbers, all subsets equally likely; a stream per parameter. */
  static MaskSet random(
      MaskSet candidates, int[] counts, Function<String, RandomGenerator> streams) {
    Map<String, Mask> chosen = new LinkedHashMap<>();
    int tensor = 0;
    for (Map.Entry<String, Mask> entry : candidates.asMap().entrySet()) {
      RandomGenerator random = streams.apply(entry.getKey());
      chosen.put(entry.getKey(), sample(entry.getValue(), counts[tensor++], random));
    }
    return MaskSet.of(chosen);
  }

  /**
   * Goes through the candidates and takes each with the chance that the rest need it (Knuth, S).
   */
  private static Mask sample(Mask candidates, int count, RandomGenerator random) {
    long[] words = new long[(candidates.size() + 63) >>> 6];
    int left = candidates.kept();
    int needed = count;
    for (int i = 0; i < candidates.size() && needed > 0; i++) {
      if (candidates.isKept(i)) {
        if (random.nextInt(left) < needed) {
          words[i >>> 6] |= 1L << i;
          needed--;
        }
        left--;
      }
    }
    return Mask.ofWords(candidates.shape(), words);
  }

  /**
   * What SET keeps: of the n+ positive weights all but the ceil(zeta n+) smallest, of the n-
   * negative ones all but the ceil(zeta n-) closest to zero, and of those at zero none.
   */
  static MaskSet awayFromZero(Layout layout, float[] weights, MaskSet active, double zeta) {
    return farFromZero(layout, weights, active, zeta, 1)
        .or(farFromZero(layout, weights, active, zeta, -1));
  }

  private static MaskSet farFromZero(
      Layout layout, float[] weights, MaskSet active, double zeta, int sign) {
    float[] values = new float[weights.length];
    int[] keep = new int[layout.tensors()];
    Map<String, Mask> side = new LinkedHashMap<>();
    for (int i = 0; i < keep.length; i++) {
      int offset = layout.offset(i);
      Mask mask = active.get(layout.path(i));
      Mask own = Mask.of(mask.shape(), j -> mask.isKept(j) && sign * weights[offset + j] > 0);
      side.put(layout.path(i), own);
      // what doubles add to an exact product must not drop one weight more
      keep[i] = own.kept() - (int) Math.ceil(zeta * own.kept() - 1e-9);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = sign * weights[i];
    }
    return largest(layout, values, MaskSet.of(side), keep);
  }

  static float[] magnitudes(float[] values) {
    float[] magnitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    return magnitudes;
  }

  /** Entries that each parameter keeps. */
  static int[] counts(Layout layout, MaskSet masks) {
    int[] counts = new int[layout.tensors()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = masks.get(layout.path(i)).kept();
    }
    return counts;
  }
}
