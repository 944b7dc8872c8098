package org.vpns;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
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
    Problem.given(layout, "Scores.of", "layout");
    Problem.given(values, "Scores.of", "values");
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
    Problem.given(layout, "Scores.of", "layout");
    Problem.given(values, "Scores.of", "values");
    requireLength(layout, values.length);
    return new Scores(layout, null, values);
  }

  /** The score of one weight. */
  @FunctionalInterface
  public interface Rule {
    /**
     * The score, in double precision.
     *
     * @param tensor number of the tensor in the layout
     * @param entry position within the tensor, row-major
     */
    double at(int tensor, int entry);
  }

  /** Scores weight by weight, computed in double precision. */
  public static Scores of(Layout layout, Rule rule) {
    Problem.given(layout, "Scores.of", "layout");
    Problem.given(rule, "Scores.of", "rule");
    double[] values = new double[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      int offset = layout.offset(i);
      for (int j = 0; j < layout.size(i); j++) {
        values[offset + j] = rule.at(i, j);
      }
    }
    return new Scores(layout, null, values);
  }

  /**
   * Scores tensor by tensor.
   *
   * @param perTensor scores of tensor {@code index}, row-major
   * @throws IllegalArgumentException if a tensor gets scores of another number
   */
  public static Scores of(Layout layout, IntFunction<float[]> perTensor) {
    Problem.given(layout, "Scores.of", "layout");
    Problem.given(perTensor, "Scores.of", "perTensor");
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      put(
          layout,
          i,
          Problem.given(perTensor.apply(i), layout.path(i), "what perTensor gives"),
          values);
    }
    return new Scores(layout, values, null);
  }

  private static void put(Layout layout, int tensor, float[] scores, float[] values) {
    if (scores.length != layout.size(tensor)) {
      throw Problem.argument(
          "wrong number of scores",
          layout.path(tensor),
          layout.size(tensor) + " for shape " + layout.shape(tensor),
          scores.length,
          "pass one score per weight");
    }
    System.arraycopy(scores, 0, values, layout.offset(tensor), scores.length);
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
   * Scores by path.
   *
   * @throws IllegalArgumentException if a tensor is missing, unknown or of another size
   */
  public static Scores of(Layout layout, Map<String, float[]> perTensor) {
    Problem.given(layout, "Scores.of", "layout");
    Problem.givenEach(perTensor, "Scores.of", "perTensor");
    float[] values = new float[layout.size()];
    for (Map.Entry<String, float[]> entry : perTensor.entrySet()) {
      put(layout, layout.indexOf(entry.getKey()), entry.getValue(), values);
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
    Problem.given(survivors, "Scores.nested", "survivors");
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

  /** The scores divided by their sum, in double precision; they rank as before. */
  public Scores normalised() {
    double[] exact = doubles;
    if (exact == null) {
      float[] own = values();
      exact = IntStream.range(0, own.length).mapToDouble(i -> own[i]).toArray();
    }
    double sum = Arrays.stream(exact).sum();
    return new Scores(layout, null, Arrays.stream(exact).map(score -> score / sum).toArray());
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

  /**
   * Looks for scores that say anything.
   *
   * @param scorer who made them, for the message
   * @return these scores
   * @throws IllegalStateException if all are zero
   */
  public Scores requireSignal(String scorer) {
    Problem.given(scorer, "Scores.requireSignal", "scorer");
    for (int i = 0; i < layout.size(); i++) {
      if (doubles == null ? get(i) != 0 : doubles[i] != 0) {
        return this;
      }
    }
    throw Problem.state(
        "no gradient signal",
        scorer,
        "a score other than 0",
        layout.size() + " zeros",
        "check that the images are labelled rightly and that the network is not dead; the model is"
            + " as it was");
  }

  /** Whether all weights that the masks keep score the same; true if there are fewer than two. */
  public boolean isLevel(MaskSet among) {
    Problem.given(among, "Scores.isLevel", "among");
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
      known = OrderedFloats.of(Objects.requireNonNull(doubles));
      values = known;
    }
    return known;
  }

  /** The doubles that the scores were made of, in flat order, not copied; null for floats. */
  public double @Nullable [] doubles() {
    return doubles;
  }

  /** Of how many weights in how many parameters. */
  @Override
  public String toString() {
    return "scores of " + layout.size() + " weights in " + layout.tensors() + " parameters";
  }
}
