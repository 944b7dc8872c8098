package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;

/**
 * A statement about accuracies, such as a claim of a paper, that a comparison can bear out or not.
 *
 * <pre>{@code
 * Hypothesis best =
 *     Hypothesis.of("VPNs is best at high sparsity")
 *         .above("VPNs", "HYDRA", "0.95")
 *         .above("VPNs", "OMP", "0.95");
 * best.judge(comparison).verdict();
 * }</pre>
 *
 * <p>A difference counts where its probability is below 5 % by the seeds, by the test images where
 * seeds share them, and after Holm's correction for all differences of the statement; one that is
 * stated twice counts once. Immutable.
 */
public final class Hypothesis extends Value<Hypothesis> {
  private final String text;
  private List<Part> parts = List.of();

  private Hypothesis(String text) {
    this.text = text;
  }

  /** What the runs say of a statement. */
  public enum Verdict {
    /** All differences are as stated. */
    HELD("held"),
    /** Some difference is the opposite of what is stated. */
    NOT_HELD("not held"),
    /** Neither. */
    WITHIN_NOISE("within noise"),
    /** Some difference cannot be judged: no run, one seed, or the same in all seeds. */
    UNKNOWN("unknown");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /** In words. */
    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * A judged statement.
   *
   * @param text the statement
   * @param verdict what the runs say of it
   * @param details a line for each difference, with its figures
   */
  public record Judgement(String text, Verdict verdict, List<String> details) {
    /** Copies the details. */
    public Judgement {
      Problem.given(text, "new Hypothesis.Judgement", "text");
      Problem.given(verdict, "new Hypothesis.Judgement", "verdict");
      details = List.copyOf(Problem.givenEach(details, "new Hypothesis.Judgement", "details"));
    }
  }

  /** What is stated of two methods: a lead, or that there is none of so much. */
  private record Part(Place first, Place second, @Nullable Double less) {
    String name() {
      String second =
          second().sparsity().equals(first().sparsity()) ? second().method() : second().name();
      return first().name() + (less == null ? " above " : " against ") + second;
    }
  }

  /** A method at a sparsity. */
  private record Place(String method, String sparsity) {
    String name() {
      return method + " " + sparsity;
    }
  }

  /** A statement, in words; nothing is stated of any method yet. */
  public static Hypothesis of(String text) {
    return new Hypothesis(Problem.given(text, "Hypothesis.of", "text"));
  }

  /** With: one method is above another at a sparsity. */
  public Hypothesis above(String method, String other, String sparsity) {
    return and("Hypothesis.above", method, sparsity, other, sparsity, null);
  }

  /** With: one method at its sparsity is above another at another, such as a dense network. */
  public Hypothesis aboveAt(String method, String sparsity, String other, String otherSparsity) {
    Problem.given(otherSparsity, "Hypothesis.aboveAt", "otherSparsity");
    return and("Hypothesis.aboveAt", method, sparsity, other, otherSparsity, null);
  }

  /**
   * With: what one method gains on another at a sparsity is less than so much, with 95 %
   * confidence. The opposite is that it is more, with 95 % confidence for all differences of the
   * statement together.
   *
   * @param points percentage points, above 0
   */
  public Hypothesis gainsLessThan(double points, String method, String other, String sparsity) {
    return gainsLess("Hypothesis.gainsLessThan", points, method, sparsity, other, sparsity);
  }

  /**
   * The same of methods at different sparsities: what a dense network gains on a sparse one is what
   * pruning loses.
   *
   * @param points percentage points, above 0
   */
  public Hypothesis gainsLessThanAt(
      double points, String method, String sparsity, String other, String otherSparsity) {
    Problem.given(otherSparsity, "Hypothesis.gainsLessThanAt", "otherSparsity");
    return gainsLess("Hypothesis.gainsLessThanAt", points, method, sparsity, other, otherSparsity);
  }

  private Hypothesis gainsLess(
      String where,
      double points,
      String method,
      String sparsity,
      String other,
      String otherSparsity) {
    Hypothesis stated = and(where, method, sparsity, other, otherSparsity, points / 100);
    if (!(points > 0)) {
      throw Problem.argument("margin out of range", where, "above 0", points, "1 is usual");
    }
    return stated;
  }

  private Hypothesis and(
      String where,
      String method,
      String sparsity,
      String other,
      String otherSparsity,
      @Nullable Double less) {
    Problem.given(method, where, "method");
    Problem.given(other, where, "other");
    Problem.given(sparsity, where, "sparsity");
    Set<Part> more = new LinkedHashSet<>(parts);
    more.add(new Part(new Place(method, sparsity), new Place(other, otherSparsity), less));
    return with(h -> h.parts = List.copyOf(more));
  }

  /** The statement in words. */
  public String text() {
    return text;
  }

  /** Holds it against runs. */
  public Judgement judge(Comparison comparison) {
    Problem.given(comparison, "Hypothesis.judge", "comparison");
    List<@Nullable Difference> differences = new ArrayList<>();
    for (Part part : parts) {
      Place first = part.first();
      Place second = part.second();
      differences.add(
          comparison.difference(
              first.sparsity(), first.method(), second.sparsity(), second.method()));
    }
    boolean shared = !TestImages.redrawn(comparison.runs());
    double[] probabilities =
        Statistics.holm(differences.stream().mapToDouble(d -> probability(d, shared)).toArray());
    List<Verdict> verdicts = new ArrayList<>();
    List<String> details = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Difference difference = differences.get(i);
      Verdict verdict =
          difference == null || Double.isNaN(probabilities[i])
              ? Verdict.UNKNOWN
              : verdict(parts.get(i), difference, probabilities[i], shared);
      verdicts.add(verdict);
      details.add(parts.get(i).name() + ": " + detail(difference, probabilities[i]) + verdict);
    }
    return new Judgement(text, whole(verdicts), details);
  }

  /**
   * Of no difference, by the seeds and, where these share test images, by the images: the larger
   * one. Where seeds draw images of their own, the first has both.
   */
  private static double probability(@Nullable Difference difference, boolean shared) {
    if (difference == null) {
      return Double.NaN;
    }
    double byImages = shared ? Statistics.normal(difference.mean(), difference.imageError()) : 0;
    return Double.isNaN(byImages)
        ? difference.probability()
        : Math.max(difference.probability(), byImages);
  }

  private Verdict verdict(Part part, Difference difference, double probability, boolean shared) {
    double mean = difference.mean();
    if (part.less() == null) {
      return probability >= Statistics.LEVEL
          ? Verdict.WITHIN_NOISE
          : mean > 0 ? Verdict.HELD : Verdict.NOT_HELD;
    }
    double error =
        shared && !Double.isNaN(difference.imageError())
            ? Math.hypot(difference.standardError(), difference.imageError())
            : difference.standardError();
    int pairs = difference.pairs();
    if (mean + Statistics.margin(error, pairs, Statistics.LEVEL) < part.less()) {
      return Verdict.HELD;
    }
    double margin = Statistics.margin(error, pairs, Statistics.LEVEL / parts.size());
    return mean - margin > part.less() ? Verdict.NOT_HELD : Verdict.WITHIN_NOISE;
  }

  private static Verdict whole(List<Verdict> verdicts) {
    for (Verdict worst : List.of(Verdict.NOT_HELD, Verdict.UNKNOWN, Verdict.WITHIN_NOISE)) {
      if (verdicts.contains(worst)) {
        return worst;
      }
    }
    return verdicts.isEmpty() ? Verdict.UNKNOWN : Verdict.HELD;
  }

  /** Of several seeds that differ alike nobody can tell how much others would. */
  private static String without(Difference difference, double probability) {
    boolean alike = difference.pairs() > 1 && !Double.isNaN(difference.standardError());
    return Double.isNaN(probability) && alike ? " with no spread to judge noise by" : "";
  }

  private static String detail(@Nullable Difference difference, double probability) {
    if (difference == null) {
      return "no seed in common, ";
    }
    List<String> errors = new ArrayList<>(); // of one seed there is none
    if (!Double.isNaN(difference.standardError())) {
      errors.add(Texts.percent(difference.standardError()));
    }
    if (!Double.isNaN(difference.imageError())) {
      errors.add("of test images " + Texts.percent(difference.imageError()));
    }
    return String.format(
        Locale.ROOT,
        "%s points, %s%s%s, ",
        Texts.points(difference.mean()),
        errors.isEmpty() ? "" : "standard error " + String.join(" and ", errors) + ", ",
        Double.isNaN(probability) ? "" : Statistics.inWords(probability) + ", ",
        Texts.plural(difference.pairs(), "seed") + without(difference, probability));
  }
}
