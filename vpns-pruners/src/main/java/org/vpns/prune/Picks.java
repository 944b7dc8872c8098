package org.vpns.prune;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;

/** Masks of one parameter: so many of its candidates, picked by value or by chance. */
final class Picks {
  private Picks() {}

  /** Absolute values. */
  static float[] magnitudes(float[] values) {
    float[] magnitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    return magnitudes;
  }

  /** Of a parameter's candidates the n of largest value, of equal ones the lower index. */
  static Mask largest(String path, float[] values, Mask candidates, int n) {
    MaskSet among = MaskSet.of(Map.of(path, candidates));
    Scores scores = Scores.of(among.layout(), values).nested(among);
    List<TensorGroup> one = List.of(new TensorGroup(List.of(0), n));
    return Selection.largest(scores, one, Selection.Order.VALUE).get(path);
  }

  /** Of the active weights of each sign all but the ceil(zeta n) nearest to zero. */
  static Mask awayFromZero(String path, float[] weights, Mask active, double zeta) {
    Mask kept = Mask.zeros(active.shape());
    for (int sign : new int[] {1, -1}) {
      float[] signed = new float[weights.length];
      for (int i = 0; i < signed.length; i++) {
        signed[i] = sign * weights[i];
      }
      Mask side = active.and(Mask.of(active.shape(), i -> signed[i] > 0));
      // what doubles add to an exact product must not drop one weight more
      int keep = side.kept() - (int) Math.ceil(zeta * side.kept() - 1e-9);
      kept = kept.or(largest(path, signed, side, keep));
    }
    return kept;
  }

  /**
   * Of the candidates n, all subsets equally likely: each by the chance it is needed (Knuth, S).
   */
  static Mask random(Mask candidates, int n, RandomGenerator random) {
    long[] words = new long[(candidates.size() + 63) >>> 6];
    int left = candidates.kept();
    int needed = n;
    for (int i = 0; i < candidates.size() && needed > 0; i++) {
      if (candidates.isKept(i) && random.nextInt(left--) < needed) {
        words[i >>> 6] |= 1L << i;
        needed--;
      }
    }
    return Mask.ofWords(candidates.shape(), words);
  }
}
