package org.vpns;

import java.util.Map;

/**
 * One number per prunable weight; larger = more important. Scores carry no unit: only their order
 * matters, between all weights that share a budget.
 */
public final class Scores {
  private final Layout layout;
  private final float[] values;

  private Scores(Layout layout, float[] values) {
    this.layout = layout;
    this.values = values;
  }

  /**
   * Scores in flat order. The array is not copied: hand it over.
   *
   * @throws IllegalArgumentException if the length is not the layout's
   */
  public static Scores of(Layout layout, float[] values) {
    if (values.length != layout.size()) {
      throw Problem.argument(
          "wrong number of scores",
          "Scores.of",
          layout.size(),
          values.length,
          "pass one score per prunable weight");
    }
    return new Scores(layout, values);
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
    return new Scores(layout, values);
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
    float[] nested = new float[values.length];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = survivors.get(layout.path(i));
      for (int j = 0; j < mask.size(); j++) {
        float score = values[layout.offset(i) + j];
        boolean bottom = score == Float.NEGATIVE_INFINITY;
        nested[layout.offset(i) + j] =
            !mask.isKept(j) ? Float.NEGATIVE_INFINITY : bottom ? -Float.MAX_VALUE : score;
      }
    }
    return new Scores(layout, nested);
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
      if (Float.isNaN(values[layout.offset(tensor) + i])) {
        throw Problem.argument(
            "score is not a number",
            layout.path(tensor) + "[" + i + "]",
            "a number",
            "NaN",
            "look for a zero division or an overflow in what made the scores");
      }
    }
  }

  /** The tensors that the scores belong to. */
  public Layout layout() {
    return layout;
  }

  /** The score at a flat position. */
  public float get(int position) {
    return values[position];
  }

  /** All scores in flat order, not copied: read only. */
  public float[] values() {
    return values;
  }
}
