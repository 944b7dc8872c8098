package org.vpns.prune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/** Choosing weights of each parameter by number; of equal candidates the lower index is chosen. */
final class PerParameter {
  private PerParameter() {}

  /**
   * Of the candidates those of largest values.
   *
   * @param number how many, given the parameter's index and the number of its candidates
   */
  static MaskSet largest(float[] values, MaskSet candidates, IntBinaryOperator number) {
    int[] counts = counts(candidates);
    List<TensorGroup> groups = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      groups.add(new TensorGroup(List.of(i), number.applyAsInt(i, counts[i])));
    }
    Scores scores = Scores.of(candidates.layout(), values).nested(candidates);
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
    for (int i = 0; i < values.length; i++) {
      values[i] = sign * weights[i];
    }
    Map<String, Mask> side = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      int offset = layout.offset(i);
      Mask mask = active.get(layout.path(i));
      side.put(
          layout.path(i), Mask.of(mask.shape(), j -> mask.isKept(j) && values[offset + j] > 0));
    }
    // what doubles add to an exact product must not drop one weight more
    return largest(values, MaskSet.of(side), (i, n) -> n - (int) Math.ceil(zeta * n - 1e-9));
  }

  static float[] magnitudes(float[] values) {
    float[] magnitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    return magnitudes;
  }

  /** Entries that each parameter keeps. */
  static int[] counts(MaskSet masks) {
    return masks.asMap().values().stream().mapToInt(Mask::kept).toArray();
  }

  /**
   * Numbers of N(0, 2 / fan-in) where an entry is fresh, drawn in flat order from a stream per
   * parameter, elsewhere 0; null if none is fresh.
   */
  static float @Nullable [] drawn(
      Layout layout, MaskSet fresh, Function<String, RandomGenerator> streams) {
    if (fresh.kept() == 0) {
      return null;
    }
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = fresh.get(layout.path(i));
      RandomGenerator random = streams.apply("grown/" + layout.path(i));
      double deviation = Math.sqrt(2.0 / layout.fanIn(i));
      for (int j = 0; j < mask.size(); j++) {
        if (mask.isKept(j)) {
          values[layout.offset(i) + j] = (float) (deviation * random.nextGaussian());
        }
      }
    }
    return values;
  }
}
