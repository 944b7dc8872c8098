package org.vpns;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One number per prunable weight; larger = more important. Scores carry no unit: only their order
 * matters, between all weights that share a budget.
 */
public final class Scores {
  private final Layout layout;
  private final double @Nullable [] doubles;

  /** Made of the doubles when somebody asks: selection does not. */
  private volatile float @Nullable [] values;

  private Scores(Layout layout, float @Nullable [] values, double @Nullable [] doubles) {
    this.layout = layout;
    this.values = values;
    this.doubles = doubles;
  }

  /**
   * Scores in flat order. The array is not copied: hand it over.
   *
   * @throws IllegalArgumentException if the length is not the layout's
   */
  public static Scores of(Layout layout, float[] values) {
    requireLength(layout, values.length);
    return new Scores(layout, values, null);
  }

  /**
   * Scores computed in double precision, in flat order. The array is not copied: hand it over.
   * Selection compares the doubles; as floats they are in exactly their order, equal ones equal,
   * different ones different, each as near to its double as that allows.
   *
   * @throws IllegalArgumentException if the length is not the layout's
   */
  public static Scores of(Layout layout, double[] values) {
    requireLength(layout, values.length);
    return new Scores(layout, null, values);
  }

  private static void requireLength(Layout layout, int length) {
    if (length != layout.size()) {
      throw Problem.argument(
          "wrong number of scores",
          "Scores.of",
          layout.size(),
          length,
          "pass one score per prunable weight");
    }
  }

  /**
   * Scores per tensor.
   *
   * @throws IllegalArgumentException if a tensor is missing, unknown or of another size
   */
  public static Scores of(Layout layout, Map<String, float[]> perTensor) {
    float[] values = new float[layout.size()];
    for (Map.Entry<String, float[]> entry : perTensor.entrySet()) {
      int index = layout.indexOf(entry.getKey());
      if (entry.getValue().length != layout.size(index)) {
        throw Problem.argument(
            "wrong number of scores",
            entry.getKey(),
            layout.size(index) + " for shape " + layout.shape(index),
            entry.getValue().length,
            "pass one score per weight");
      }
      System.arraycopy(entry.getValue(), 0, values, layout.offset(index), layout.size(index));
    }
    for (String path : layout.paths()) {
      if (!perTensor.containsKey(path)) {
        throw Problem.argument(
            "scores missing",
            path,
            "scores of " + layout.tensors() + " parameters",
            perTensor.size() + ", none of this name",
            "score every prunable parameter");
      }
    }
    return new Scores(layout, values, null);
  }

  /**
   * The nested rule: weights that the masks remove get the score -infinity and so rank below all
   * others, whatever they scored. A survivor's own -infinity becomes the least finite number, lest
   * it ties with them; where nothing is removed the scores are these.
   *
   * @throws IllegalArgumentException if the masks do not fit the layout
   */
  public Scores nested(MaskSet survivors) {
    survivors.requireFits(layout);
    if (survivors.kept() == layout.size()) {
      return this;
    }
    return doubles == null ? nested(survivors, values()) : nested(survivors, doubles);
  }

  private Scores nested(MaskSet survivors, float[] scores) {
    float[] nested = new float[scores.length];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = survivors.get(layout.path(i));
      int offset = layout.offset(i);
      for (int j = 0; j < mask.size(); j++) {
        float score = Math.max(scores[offset + j], -Float.MAX_VALUE);
        nested[offset + j] = isKept(mask, j) ? score : Float.NEGATIVE_INFINITY;
      }
    }
    return new Scores(layout, nested, null);
  }

  private Scores nested(MaskSet survivors, double[] scores) {
    double[] nested = new double[scores.length];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = survivors.get(layout.path(i));
      int offset = layout.offset(i);
      for (int j = 0; j < mask.size(); j++) {
        double score = Math.max(scores[offset + j], -Double.MAX_VALUE);
        nested[offset + j] = isKept(mask, j) ? score : Double.NEGATIVE_INFINITY;
      }
    }
    return new Scores(layout, null, nested);
  }

  private static boolean isKept(Mask mask, int index) {
    return (mask.word(index >>> 6) >>> index & 1) != 0;
  }

  /** The scores with the opposite sign: the order turned round, equal ones equal still. */
  public Scores negated() {
    if (doubles != null) {
      double[] exact = doubles;
      double[] negated = new double[exact.length];
      Arrays.setAll(negated, i -> -exact[i]);
      return new Scores(layout, null, negated);
    }
    float[] own = values();
    float[] negated = new float[own.length];
    for (int i = 0; i < negated.length; i++) {
      negated[i] = -own[i];
    }
    return new Scores(layout, negated, null);
  }

  /**
   * Looks for scores that have no rank.
   *
   * @throws IllegalArgumentException naming the first NaN
   */
  public void requireNumbers() {
    for (int i = 0; i < layout.tensors(); i++) {
      requireNumbers(i);
    }
  }

  /** As {@link #requireNumbers()}, in one tensor. */
  public void requireNumbers(int tensor) {
    for (int i = 0; i < layout.size(tensor); i++) {
      if (isNaN(layout.offset(tensor) + i)) {
        throw Problem.argument(
            "score is not a number",
            layout.path(tensor) + "[" + i + "]",
            "a number",
            "NaN",
            "look for a zero division or an overflow in what made the scores");
      }
    }
  }

  /** Whether all weights that the masks keep score the same; true if there are fewer than two. */
  public boolean isLevel(MaskSet among) {
    int first = -1;
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = among.get(layout.path(i));
      for (int j = 0; j < mask.size(); j++) {
        if (isKept(mask, j)) {
          int at = layout.offset(i) + j;
          if (first >= 0 && !isSame(first, at)) {
            return false;
          }
          first = at;
        }
      }
    }
    return true;
  }

  private boolean isSame(int a, int b) {
    return doubles == null ? get(a) == get(b) : doubles[a] == doubles[b];
  }

  private boolean isNaN(int position) {
    return doubles == null ? Float.isNaN(get(position)) : Double.isNaN(doubles[position]);
  }

  /** The tensors that the scores belong to. */
  public Layout layout() {
    return layout;
  }

  /** The score at a flat position. */
  public float get(int position) {
    return values()[position];
  }

  /** All scores in flat order, not copied: read only. */
  public float[] values() {
    float[] known = values;
    if (known == null) {
      known = Narrowing.of(Objects.requireNonNull(doubles));
      values = known;
    }
    return known;
  }

  /** The doubles that the scores were made of, in flat order, not copied; null for floats. */
  public double @Nullable [] doubles() {
    return doubles;
  }
}
