package org.vpns.structured.score;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.vpns.Problem;

/**
 * How the scores S of a group's n units that can leave become comparable with those of other
 * groups. Where all that is divided by is 0, all scores are 0. Immutable.
 */
public final class Normaliser {
  private static final double EPSILON = 1e-8;

  /** S. */
  public static final Normaliser NONE = new Normaliser("none", scores -> scores);

  /** S / mean S: 1, 2, 3, 4 become .4, .8, 1.2, 1.6. */
  public static final Normaliser MEAN =
      new Normaliser("mean", s -> over(s, sum("mean", s) / s.length));

  /** S / sum S: 1, 2, 3, 4 become .1, .2, .3, .4. */
  public static final Normaliser SUM = new Normaliser("sum", s -> over(s, sum("sum", s)));

  /** S / max S: 1, 2, 3, 4 become .25, .5, .75, 1. */
  public static final Normaliser MAX = new Normaliser("max", s -> over(s, max(positive("max", s))));

  /** (S - min S) / (max S - min S + 1e-8): 1, 2, 3, 4 become 0, .333, .667, 1. */
  public static final Normaliser MIN_MAX = new Normaliser("min-max", Normaliser::minMax);

  /**
   * (S - mean S) / (s + 1e-8), s the standard deviation with n - 1: 1, 2, 3, 4 become -1.162,
   * -.387, .387, 1.162. A single unit's score is 0.
   */
  public static final Normaliser GAUSSIAN = new Normaliser("gaussian", Normaliser::gaussian);

  /**
   * Each by the sum of those that are no smaller: 1, 2, 3, 4 become .1, .222, .429, 1. Of equal
   * ones the lower number counts as larger, so that one unit of each group has the score 1 (Lee,
   * Park, Mo, Ahn and Shin 2021, "Layer-adaptive sparsity for the magnitude-based pruning").
   */
  public static final Normaliser LAMP = new Normaliser("LAMP", Normaliser::lamp);

  private final String name;
  private final UnaryOperator<double[]> rule;

  private Normaliser(String name, UnaryOperator<double[]> rule) {
    this.name = name;
    this.rule = rule;
  }

  /**
   * S / (s + 1e-8), s the score of ascending rank floor(q n), counted from 0: with q = 0.5, 1, 2,
   * 3, 4 become .333, .667, 1, 1.333.
   *
   * @param q 0 up to but without 1
   * @throws IllegalArgumentException if it is outside
   */
  public static Normaliser sentinel(double q) {
    if (!(q >= 0 && q < 1)) {
      throw Problem.argument(
          "rank out of range", "Normaliser.sentinel", "0 <= q < 1", q, "pass 0.5 for the median");
    }
    return new Normaliser("sentinel " + q, s -> sentinel(s, q));
  }

  /**
   * One of one's own.
   *
   * @param name for {@link ChannelImportance#describe()}
   * @param rule new scores from those of a group's units that can leave, which it must not change
   */
  public static Normaliser of(String name, UnaryOperator<double[]> rule) {
    Problem.given(name, "Normaliser.of", "name");
    return new Normaliser(name, Problem.given(rule, "Normaliser.of", "rule"));
  }

  /**
   * The scores of one group made comparable.
   *
   * @param scores finite; stay as they are
   * @throws IllegalArgumentException if they are negative and it divides by a sum or a score of
   *     them, or it gives scores of another number
   */
  public double[] apply(double[] scores) {
    double[] given = Problem.given(scores, "Normaliser.apply", "scores");
    if (given.length == 0) {
      return given;
    }
    double[] made =
        Problem.given(rule.apply(given.clone()), "Normaliser " + name, "what its rule gives");
    if (made.length != given.length) {
      throw Problem.argument(
          "wrong number of scores",
          "Normaliser " + name + ", what its rule gives",
          given.length,
          made.length,
          "give one for each that the rule is given");
    }
    return made;
  }

  private static double[] over(double[] scores, double by) {
    return DoubleStream.of(scores).map(s -> by == 0 ? 0 : s / by).toArray();
  }

  /** A negative divisor would turn the order around. */
  private static double[] positive(String name, double[] scores) {
    for (double score : scores) {
      if (score < 0) {
        throw Problem.argument(
            "negative score to divide by",
            "Normaliser " + name,
            "scores of at least 0",
            score,
            "take Normaliser.MIN_MAX, GAUSSIAN or NONE, which order negative scores too");
      }
    }
    return scores;
  }

  private static double sum(String name, double[] scores) {
    double sum = DoubleStream.of(positive(name, scores)).sum();
    if (sum == Double.POSITIVE_INFINITY) {
      throw Problem.argument(
          "scores too large to sum",
          "Normaliser " + name,
          "a finite sum",
          "up to " + max(scores),
          "take Normaliser.MAX");
    }
    return sum;
  }

  private static double max(double[] scores) {
    return DoubleStream.of(scores).max().orElseThrow();
  }

  private static double[] minMax(double[] scores) {
    double min = DoubleStream.of(scores).min().orElseThrow();
    double range = max(scores) - min + EPSILON;
    return DoubleStream.of(scores).map(s -> (s - min) / range).toArray();
  }

  private static double[] gaussian(double[] scores) {
    int n = scores.length;
    double mean = DoubleStream.of(scores).sum() / n;
    double squares = DoubleStream.of(scores).map(s -> (s - mean) * (s - mean)).sum();
    double deviation = n == 1 ? 0 : Math.sqrt(squares / (n - 1));
    return DoubleStream.of(scores).map(s -> (s - mean) / (deviation + EPSILON)).toArray();
  }

  private static double[] sentinel(double[] scores, double q) {
    double[] rising = positive("sentinel " + q, scores).clone();
    Arrays.sort(rising);
    int rank = BigDecimal.valueOf(q).multiply(BigDecimal.valueOf(rising.length)).intValue();
    return over(scores, rising[rank] + EPSILON);
  }

  private static double[] lamp(double[] scores) {
    sum("LAMP", scores);
    int[] falling =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i])) // stable: lower numbers first
            .mapToInt(i -> i)
            .toArray();
    double[] result = new double[scores.length];
    double above = 0;
    for (int i : falling) {
      above += scores[i];
      result[i] = above == 0 ? 0 : scores[i] / above;
    }
    return result;
  }

  /** Its name. */
  @Override
  public String toString() {
    return name;
  }
}
