package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.internal.run.Fingerprints;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Difference.Verdict;

/** Seeds that draw their images anew, test images that both methods saw, and many comparisons. */
class ResampledComparisonTest {
  private static final double ROUNDING = 1e-12;

  private static PruneReport run(
      String method, long seed, Accuracy accuracy, String test, Long trainingImages) {
    return new PruneReport(
        method,
        "0.9",
        seed,
        100,
        10,
        120,
        List.of(),
        null,
        null,
        accuracy,
        List.of(),
        new int[0][],
        null,
        List.of(),
        Map.of(Fingerprints.TEST_DATA, test),
        trainingImages);
  }

  /** A has 700 of 1,000 right with every seed, B as many more as the differences say. */
  private static List<PruneReport> runs(boolean redrawn, Long training, int... differences) {
    List<PruneReport> reports = new ArrayList<>();
    for (int seed = 0; seed < differences.length; seed++) {
      String test = redrawn ? "images " + seed : "images";
      reports.add(run("A", seed, new Accuracy(1000, 700, null), test, training));
      int right = 700 + differences[seed];
      reports.add(run("B", seed, new Accuracy(1000, right, null), test, training));
    }
    return reports;
  }

  private static Difference ofB(Comparison comparison) {
    return row(comparison, "B").difference();
  }

  private static Row row(Comparison comparison, String method) {
    return comparison.rows().stream().filter(r -> r.method().equals(method)).findFirst().get();
  }

  @Test
  void difference_ofSeedsThatDrawTheirImages_isTestedAsSuch() {
    // 0.04, 0.05, 0.03: deviation 0.01; 1,000 test and 500 training images: 0.01 sqrt(1/3 + 2) =
    // 0.0152753, t = 2.61861, p = 1 - t / sqrt(2 + t t) = 0.120117.
    Comparison comparison = Comparison.of(runs(true, 500L, 40, 50, 30), "A");
    Difference difference = ofB(comparison);
    assertThat(difference.mean()).isCloseTo(0.04, within(ROUNDING));
    assertThat(difference.standardError()).isCloseTo(0.0152753, within(1e-7));
    assertThat(difference.probability()).isCloseTo(0.120117, within(1e-6));
    assertThat(difference.verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(comparison.notes()).anyMatch(note -> note.contains("Nadeau and Bengio"));
  }

  @Test
  void difference_onOneTestSet_isTestedPlainly() {
    // The same, 0.01 / sqrt 3 = 0.0057735, t = 6.9282, p = 0.020204.
    Comparison comparison = Comparison.of(runs(false, 500L, 40, 50, 30), "A");
    Difference difference = ofB(comparison);
    assertThat(difference.standardError()).isCloseTo(0.0057735, within(1e-7));
    assertThat(difference.probability()).isCloseTo(0.020204, within(1e-6));
    assertThat(difference.verdict()).isEqualTo(Verdict.BEYOND_NOISE);
    assertThat(comparison.notes()).anyMatch(note -> note.contains("tested on the same images"));
  }

  @Test
  void difference_whoseTrainingImagesAreNotTold_isLeftOpen() {
    Comparison comparison = Comparison.of(runs(true, null, 40, 50, 30), "A");
    assertThat(ofB(comparison).verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(comparison.sentences().get(0)).contains("lack the training images");
    assertThat(comparison.toText()).contains("+4.00 | error unknown");
  }

  @Test
  void probabilities_ofATable_areCorrectedForTheirNumber() {
    // B against A alone: p = 0.0202. Beside a C that is level with A it is doubled, beside three
    // 4x.
    List<PruneReport> reports = new ArrayList<>(runs(false, 500L, 40, 50, 30));
    for (String other : List.of("C", "D", "E")) {
      for (int seed = 0; seed < 3; seed++) {
        Accuracy accuracy = new Accuracy(1000, 699 + seed, null);
        reports.add(run(other, seed, accuracy, "images", 500L));
      }
    }
    Comparison comparison = Comparison.of(reports, "A");
    assertThat(ofB(comparison).probability()).isCloseTo(4 * 0.020204, within(4e-6));
    assertThat(ofB(comparison).verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(row(comparison, "C").difference().probability()).isEqualTo(1);
    assertThat(comparison.difference("0.9", "B", "A").verdict())
        .as("by itself")
        .isEqualTo(Verdict.BEYOND_NOISE);
  }

  private static Accuracy hits(String right) {
    boolean[] hits = new boolean[right.length()];
    for (int i = 0; i < hits.length; i++) {
      hits[i] = right.charAt(i) == '1';
    }
    return Accuracy.of(hits, null);
  }

  private static Difference paired(boolean redrawn, String... rights) {
    List<PruneReport> reports = new ArrayList<>();
    for (int i = 0; i < rights.length; i += 2) {
      String test = redrawn ? "images " + i : "images";
      reports.add(run("A", i, hits(rights[i]), test, 10L));
      reports.add(run("B", i, hits(rights[i + 1]), test, 10L));
    }
    return ofB(Comparison.of(reports, "A"));
  }

  @Test
  void imageError_ofOneSeed_isThatOfMcNemar() {
    // Right with B alone 3, with A alone 1, of 10: sum of squares 4, mean 0.2; variance
    // (4 - 10 x 0.04) / 9 = 0.4, standard error sqrt(0.4 / 10) = 0.2.
    Difference difference = paired(false, "1100001000", "1111100000");
    assertThat(difference.mean()).isCloseTo(0.2, within(ROUNDING));
    assertThat(difference.imageError()).isCloseTo(0.2, within(ROUNDING));
    assertThat(difference.verdict()).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void imageError_ofTwoSeeds_dependsOnWhetherTheImagesAreTheSame() {
    String a = "1100001000";
    String b = "1111100000";
    // The same difference twice on the same images: nothing averages out.
    assertThat(paired(false, a, b, a, b).imageError()).isCloseTo(0.2, within(ROUNDING));
    // The opposite order of images: differences of 0.5 at 00.. per image; by hand
    // first 0 0 1 1 1 0 -1 0 0 0, second 0 0 0 -1 0 1 1 1 0 0, halves of the sums:
    // 0 0 .5 0 .5 .5 0 .5 0 0, mean 0.2, squares 1; variance (1 - 0.4) / 9, error sqrt(0.6/90).
    assertThat(paired(false, a, b, "0001000011", "0000011111").imageError())
        .isCloseTo(Math.sqrt(0.6 / 90), within(ROUNDING));
    // On two sets of images: that of one set, whatever the order.
    assertThat(paired(true, a, b, "0001000011", "0000011111").imageError())
        .isCloseTo(0.2, within(ROUNDING));
  }

  @Test
  void imageError_ofRunsThatDoNotTell_isLeftOut() {
    Comparison comparison = Comparison.of(runs(false, 500L, 40, 50, 30), "A");
    assertThat(ofB(comparison).imageError()).isNaN();
    assertThat(comparison.toText()).doesNotContain("test images (se)");
  }

  @Test
  void texts_ofRunsThatTell_haveTheErrorBeside() {
    List<PruneReport> reports =
        List.of(
            run("A", 1, hits("1100001000"), "images", 10L),
            run("B", 1, hits("1111100000"), "images", 10L));
    Comparison comparison = Comparison.of(reports, "A");
    assertThat(comparison.toText())
        .containsPattern("vs A, points \\(se\\) \\n.*\\n.*\\n.* \\| +\\+20\\.00 \\n")
        .containsPattern(
            "test images \\(se\\) \\| verdict  .*\\n.*\\n.*\\n.* +20\\.00 \\| one seed ");
    assertThat(comparison.toCsv()).contains(",0.200000,,1,").contains(",0.200000,,,,\n");
    assertThat(comparison.sentences().get(0)).contains("of test images: standard error 20.00");
  }

  @Test
  void headline_thatTestImagesCouldMake_saysSo() {
    // +0.2 with each of two seeds but for one image: beyond the noise of seeds (t = 3 of 1 degree
    // is not, so four seeds), far within that of ten images.
    List<PruneReport> reports = new ArrayList<>();
    String[] rights = {"1111100000", "1111100000", "1111100000", "1111000000"};
    for (int seed = 0; seed < rights.length; seed++) {
      reports.add(run("A", seed, hits("1100001000"), "images", 10L));
      reports.add(run("B", seed, hits(rights[seed]), "images", 10L));
    }
    assertThat(Comparison.of(reports, "A").sentences().get(0))
        .contains("beyond noise of seeds though not of test images");
  }
}
