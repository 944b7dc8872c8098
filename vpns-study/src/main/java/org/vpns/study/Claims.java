package org.vpns.study;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Difference.Verdict;

/** The figures of a comparison in words: what may be said, and what goes with it. */
final class Claims {
  /** 97.5 % quantile of the normal distribution: test images are many. */
  private static final double NORMAL_95 = 1.96;

  private Claims() {}

  /**
   * One method against the baseline.
   *
   * @param row the method's row
   * @param headline the statement
   * @param standing how the method stands against the others, which goes with every lead over the
   *     baseline; else empty
   */
  record Claim(Row row, String headline, String standing) {
    String text() {
      return standing.isEmpty() ? headline : headline + " " + standing;
    }
  }

  static List<Claim> of(Comparison comparison) {
    List<Claim> claims = new ArrayList<>();
    for (Row row : comparison.rows()) {
      boolean baseline = row.method().equals(comparison.baseline());
      // Where the baseline was not run, such as at sparsity 0, there is nothing to say.
      if (!baseline && comparison.beside(row, comparison.baseline()) != null) {
        claims.add(claim(comparison, row));
      }
    }
    return claims;
  }

  private static Claim claim(Comparison comparison, Row row) {
    String baseline = comparison.baseline();
    String place = "At sparsity " + row.sparsity() + ", ";
    Difference difference = row.difference();
    if (difference == null) {
      return new Claim(
          row,
          place
              + row.method()
              + " cannot be compared to "
              + baseline
              + ": no seed is common to both.",
          "");
    }
    String cost = cost(comparison, row);
    String points = Texts.points(difference.mean()) + " points";
    return switch (difference.verdict()) {
      case BEYOND_NOISE ->
          new Claim(
              row,
              String.format(
                  Locale.ROOT,
                  "%s%s is %.2f points %s %s, beyond noise%s (%s)%s.",
                  place,
                  row.method(),
                  100 * Math.abs(difference.mean()),
                  difference.mean() > 0 ? "above" : "below",
                  baseline,
                  Math.abs(difference.mean()) < NORMAL_95 * difference.imageError()
                      ? " of seeds though not of test images"
                      : "",
                  errors(difference),
                  cost),
              difference.mean() > 0 ? standing(comparison, row) : "");
      case WITHIN_NOISE ->
          new Claim(
              row,
              String.format(
                  Locale.ROOT,
                  "%sno difference between %s and %s can be claimed: %s is within noise (%s)%s.",
                  place,
                  row.method(),
                  baseline,
                  points,
                  errors(difference),
                  cost),
              "");
      case UNKNOWN ->
          new Claim(
              row,
              String.format(
                  Locale.ROOT,
                  "%snothing can be claimed of %s against %s: %s on %s%s.",
                  place,
                  row.method(),
                  baseline,
                  points,
                  unknown(difference),
                  cost),
              "");
    };
  }

  private static String errors(Difference difference) {
    return "standard error "
        + Texts.percent(difference.standardError())
        + (Double.isNaN(difference.imageError())
            ? ""
            : ", of test images " + Texts.percent(difference.imageError()))
        + ", "
        + Statistics.inWords(difference.probability())
        + ", "
        + Texts.plural(difference.pairs(), "seed");
  }

  private static String unknown(Difference difference) {
    String seeds = Texts.plural(difference.pairs(), "seed");
    if (difference.pairs() < 2) {
      return Double.isNaN(difference.imageError())
          ? "one seed, noise unknown"
          : "one seed, noise of seeds unknown (of test images: standard error "
              + Texts.percent(difference.imageError())
              + ")";
    }
    return Double.isNaN(difference.standardError())
        ? seeds + " with test images of their own, whose reports lack the training images"
        : "each of " + seeds + ", which show no spread to judge noise by";
  }

  /** The cost relative to the baseline; empty where it is not defined. */
  private static String cost(Comparison comparison, Row row) {
    Row baseline = comparison.beside(row, comparison.baseline());
    if (baseline == null || !(baseline.gradientSteps() > 0)) {
      return "";
    }
    double ratio = row.gradientSteps() / baseline.gradientSteps();
    return (ratio == 1
            ? ", at equal gradient steps"
            : ", at " + unlikeOne(ratio) + " times its gradient steps")
        + scoring(row, baseline)
        + doubleBackwards(row, baseline);
  }

  /** With two decimals, or as many as it takes to differ from 1. */
  private static String unlikeOne(double ratio) {
    int digits = 2;
    String text;
    do {
      text = String.format(Locale.ROOT, "%." + digits++ + "f", ratio);
    } while (Double.parseDouble(text) == 1 && ratio != 1);
    return text;
  }

  /** Which of the steps went into scores: they are on images of their own number. */
  private static String scoring(Row row, Row baseline) {
    List<String> parts = new ArrayList<>();
    if (row.scoringSteps() > 0) {
      parts.add(scoring(row) + " of them for scores, on " + images(row));
    }
    if (baseline.scoringSteps() > 0) {
      parts.add(
          "of those of "
              + baseline.method()
              + " "
              + scoring(baseline)
              + " for scores, on "
              + images(baseline));
    }
    return parts.isEmpty() ? "" : " (" + String.join("; ", parts) + ")";
  }

  private static String scoring(Row row) {
    return Texts.count(row.scoringSteps());
  }

  private static String images(Row row) {
    return Texts.count(row.scoringImages()) + (row.scoringImages() == 1 ? " image" : " images");
  }

  private static String doubleBackwards(Row row, Row baseline) {
    return row.doubleBackwards() == baseline.doubleBackwards()
        ? ""
        : " and "
            + Texts.count(row.doubleBackwards())
            + " double backwards against "
            + Texts.count(baseline.doubleBackwards());
  }

  /** The method against every other one at its sparsity, the baseline aside. */
  private static String standing(Comparison comparison, Row row) {
    Map<String, Difference> rivals = new LinkedHashMap<>();
    List<String> unpaired = new ArrayList<>();
    for (Row other : comparison.rows()) {
      if (rival(comparison, row, other)) {
        Difference difference = comparison.difference(row.sparsity(), row.method(), other.method());
        if (difference == null) {
          unpaired.add(other.method());
        } else {
          rivals.put(other.method(), difference);
        }
      }
    }
    correct(rivals);
    List<String> parts = new ArrayList<>();
    // What speaks against the method comes first.
    add(parts, "beyond noise behind", names(rivals, d -> beyond(d) && d.mean() <= 0));
    add(parts, "within noise of", names(rivals, d -> d.verdict() == Verdict.WITHIN_NOISE));
    add(parts, "undecided against", names(rivals, d -> d.verdict() == Verdict.UNKNOWN));
    add(parts, "beyond noise ahead of", names(rivals, d -> beyond(d) && d.mean() > 0));
    add(parts, "without a common seed with", unpaired);
    return parts.isEmpty()
        ? "No other method was run at this sparsity."
        : "Against the others, " + row.method() + " is " + String.join("; ", parts) + ".";
  }

  /** One sentence makes as many comparisons as it has rivals. */
  private static void correct(Map<String, Difference> rivals) {
    double[] corrected =
        Statistics.holm(rivals.values().stream().mapToDouble(Difference::probability).toArray());
    int next = 0;
    for (Map.Entry<String, Difference> rival : rivals.entrySet()) {
      rival.setValue(rival.getValue().probability(corrected[next++]));
    }
  }

  private static void add(List<String> parts, String relation, List<String> others) {
    if (!others.isEmpty()) {
      parts.add(relation + " " + String.join(", ", others));
    }
  }

  private static List<String> names(
      Map<String, Difference> rivals, Predicate<Difference> condition) {
    return rivals.entrySet().stream()
        .filter(rival -> condition.test(rival.getValue()))
        .map(rival -> rival.getKey() + " (" + Texts.points(rival.getValue().mean()) + ")")
        .toList();
  }

  private static boolean rival(Comparison comparison, Row row, Row other) {
    return Comparison.sameSparsity(row, other)
        && !other.method().equals(row.method())
        && !other.method().equals(comparison.baseline());
  }

  private static boolean beyond(Difference difference) {
    return difference.verdict() == Verdict.BEYOND_NOISE;
  }

  static List<String> notes(Comparison comparison) {
    List<PruneReport> runs = comparison.runs();
    List<String> notes = new ArrayList<>();
    notes.add(
        "Accuracy is that of the tuned network on test images, with the prompt where the method"
            + " learns one, else without; 'plain' is always without.");
    if (comparison.hasRivals()) {
      notes.addAll(differences(runs));
    }
    notes.add(
        "Gradient steps are forward and backward passes of one batch, those for the scores that"
            + " choose weights among them; a double backward costs about one more. Seconds are"
            + " those of training and of choosing weights. Epochs are how many passes over the"
            + " training images training amounts to: the images of its steps, divided.");
    notes.addAll(costs(comparison));
    Set<Integer> images = new TreeSet<>();
    runs.forEach(run -> images.add(Comparison.tuned(run).images()));
    if (images.size() > 1) {
      notes.add("Caution: the runs were tested on different numbers of images: " + images + ".");
    }
    Set<Long> prunable = new TreeSet<>();
    runs.forEach(run -> prunable.add(run.prunable()));
    if (prunable.size() > 1) {
      notes.add(
          "Caution: the runs differ in the number of prunable weights, so equal sparsity is not"
              + " equal size: "
              + prunable
              + ".");
    }
    Map<BigDecimal, List<Row>> sparsities = new LinkedHashMap<>();
    for (Row row : comparison.rows()) {
      sparsities
          .computeIfAbsent(Comparison.decimal(row.sparsity()), s -> new ArrayList<>())
          .add(row);
    }
    for (List<Row> rows : sparsities.values()) {
      if (rows.stream().mapToDouble(row -> kept(comparison, row)).distinct().count() > 1) {
        List<String> kept = new ArrayList<>();
        rows.forEach(
            row -> kept.add(row.method() + " " + Texts.count(Math.rint(kept(comparison, row)))));
        notes.add(
            "Caution: at sparsity "
                + rows.get(0).sparsity()
                + " the methods do not keep equally many weights; on average "
                + String.join(", ", kept)
                + ".");
      }
    }
    return notes;
  }

  /** What is meant by a difference, and by noise. */
  private static List<String> differences(List<PruneReport> runs) {
    return List.of(
        "A difference is the mean over common seeds, taken seed by seed; it is called beyond noise"
            + " where its probability p by Student's t is below 5 % after Holm's correction, for"
            + " all differences of the table and, in a sentence, for all rivals that it names.",
        TestImages.redrawn(runs)
            ? "Seeds draw training and test images from one pool, so their runs are not"
                + " independent: the variance of a difference counts 1/n + test/training images"
                + " times in place of 1/n (Nadeau and Bengio 2003), which covers the choice of"
                + " test images. Where only a part of the pool is trained on, that is too strict."
            : "All runs are tested on the same images, so standard error and p are of the seeds"
                + " alone; how much other test images would change is said beside it where the"
                + " reports tell which images are right.");
  }

  /** What the table's columns of cost leave out. */
  private static List<String> costs(Comparison comparison) {
    List<String> notes = new ArrayList<>();
    Set<String> alone = new LinkedHashSet<>();
    Set<String> untold = new LinkedHashSet<>();
    for (PruneReport run : comparison.runs()) {
      if (run.cost().forwards() > run.cost().backwards()) {
        alone.add(run.recipe());
      }
      if (run.stages().stream().anyMatch(stage -> stage.scoring() == null)) {
        untold.add(run.recipe());
      }
    }
    if (!alone.isEmpty()) {
      notes.add(
          "Not in the gradient steps are forward passes without a backward pass, such as a"
              + " teacher's: those of "
              + String.join(", ", alone)
              + ".");
    }
    if (!untold.isEmpty()) {
      notes.add(
          "Caution: reports of an earlier format do not tell what scores cost, so it is missing"
              + " from steps and seconds of "
              + String.join(", ", untold)
              + ".");
    }
    return notes;
  }

  private static double kept(Comparison comparison, Row row) {
    return comparison.runs(row).stream().mapToLong(PruneReport::kept).average().orElse(Double.NaN);
  }
}
