package org.vpns.study;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.testing.SampleReports.minimal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.vpns.internal.compare.Statistics;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;
import org.vpns.study.Difference.Verdict;

class ComparisonTest {
  /** Sums of a few fractions of counts: rounding of the last bits only. */
  private static final double ROUNDING = 1e-12;

  /** HYDRA 0.70 0.71 0.72; VPNs 0.74 0.76 0.75 with and 0.70 0.71 0.69 without prompt. */
  private static final List<PruneReport> TWO =
      List.of(
          minimal("HYDRA", "0.99", 1, 700, null, 100),
          minimal("HYDRA", "0.99", 2, 710, null, 100),
          minimal("HYDRA", "0.99", 3, 720, null, 100),
          minimal("VPNs", "0.99", 3, 690, 750, 50),
          minimal("VPNs", "0.99", 1, 700, 740, 50),
          minimal("VPNs", "0.99", 2, 710, 760, 50));

  private static Row row(Comparison comparison, String sparsity, String method) {
    return comparison.rows().stream()
        .filter(r -> r.sparsity().equals(sparsity) && r.method().equals(method))
        .findFirst()
        .orElseThrow();
  }

  /** A and B at sparsity 0.9, each with so many of 1,000 right under the seeds 0, 1, 2 ... */
  private static Comparison againstA(List<Integer> a, List<Integer> b) {
    List<PruneReport> reports = new ArrayList<>();
    for (int seed = 0; seed < a.size(); seed++) {
      reports.add(minimal("A", "0.9", seed, a.get(seed), null, 1));
      reports.add(minimal("B", "0.9", seed, b.get(seed), null, 1));
    }
    return Comparison.of(reports, "A");
  }

  @Test
  void rows_workedByHand_meansAndDeviations() {
    Comparison comparison = Comparison.of(TWO, "HYDRA");
    Row hydra = row(comparison, "0.99", "HYDRA");
    Row vpns = row(comparison, "0.99", "VPNs");

    assertThat(hydra.accuracy().mean()).isCloseTo(0.71, within(ROUNDING));
    assertThat(hydra.accuracy().deviation()).isCloseTo(0.01, within(ROUNDING));
    assertThat(hydra.difference()).isNull();
    assertThat(hydra.prompted()).isFalse();
    assertThat(vpns.seeds()).containsExactly(1L, 2L, 3L);
    assertThat(vpns.prompted()).isTrue();
    assertThat(vpns.accuracy().mean()).isCloseTo(0.75, within(ROUNDING));
    assertThat(vpns.plain().mean()).isCloseTo(0.70, within(ROUNDING));
    assertThat(vpns.before().mean()).isCloseTo(0.21, within(ROUNDING));
    assertThat(vpns.gradientSteps()).isEqualTo(50);
    assertThat(vpns.seconds()).isEqualTo(2.5);
  }

  @Test
  void rows_tellTheDenseNetwork_inTableAndCsv() {
    List<PruneReport> counted = TWO.stream().map(run -> run.multiplyAdds(4_000, 1_000)).toList();
    Comparison comparison = Comparison.of(counted, "HYDRA");
    Row hydra = row(comparison, "0.99", "HYDRA");
    // 900 of 1,000 in each sample
    assertThat(hydra.dense().mean()).isCloseTo(0.9, within(ROUNDING));
    assertThat(hydra.macs()).isEqualTo(4_000);
    assertThat(hydra.keptMacs()).isEqualTo(1_000);
    assertThat(comparison.toText())
        .containsPattern("dense % \\(sd\\) +\\| multiply-adds, % of dense")
        .containsPattern("90\\.00 \\(0\\.00\\) +\\| +25\\.00 ");
    assertThat(comparison.toCsv().lines().map(line -> line.replaceAll(".*,(.*,.*,.*)$", "$1")))
        .containsExactly(
            "dense_accuracy,macs,kept_macs", "0.900000,4000,1000", "0.900000,4000,1000");
    assertThat(comparison.toString())
        .isEqualTo("6 runs of 2 methods compared to HYDRA: HYDRA 0.99 71.00 %, VPNs 0.99 75.00 %");
    Comparison uncounted = Comparison.of(TWO, "HYDRA");
    assertThat(uncounted.toText()).doesNotContain("multiply-adds");
    assertThat(uncounted.toCsv()).endsWith(",0.900000,,\n");
  }

  @Test
  void difference_workedByHand_isTakenSeedBySeed() {
    // 0.04, 0.05, 0.03: mean 0.04, deviation 0.01, standard error 0.01 / sqrt 3 = 0.0057735;
    // t = 6.9282, and with 2 degrees of freedom p = 1 - t / sqrt(2 + t t) = 0.0202.
    Difference difference = row(Comparison.of(TWO, "HYDRA"), "0.99", "VPNs").difference();

    assertThat(difference.pairs()).isEqualTo(3);
    assertThat(difference.mean()).isCloseTo(0.04, within(ROUNDING));
    assertThat(difference.standardError()).isCloseTo(0.01 / Math.sqrt(3), within(ROUNDING));
    assertThat(difference.probability()).isCloseTo(1 - Math.sqrt(48.0 / 50), within(ROUNDING));
    assertThat(difference.imageError()).isNaN();
    assertThat(difference.verdict()).isEqualTo(Verdict.BEYOND_NOISE);
  }

  private static Verdict verdict(int pairs, double mean, double error) {
    return new Difference(pairs, mean, error, NaN, Statistics.probability(mean, error, pairs))
        .verdict();
  }

  @Test
  void verdict_aroundTheThreshold_needsToExceedIt() {
    // df 1: 12.706; df 2: 4.303; df 5: 2.571.
    assertThat(verdict(2, 0.12705, 0.01)).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(verdict(2, 0.12707, 0.01)).isEqualTo(Verdict.BEYOND_NOISE);
    assertThat(verdict(3, -0.04302, 0.01)).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(verdict(3, -0.04304, 0.01)).isEqualTo(Verdict.BEYOND_NOISE);
    assertThat(verdict(6, 0.02570, 0.01)).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(verdict(6, 0.02572, 0.01)).isEqualTo(Verdict.BEYOND_NOISE);
  }

  @Test
  void verdict_withoutSpreadOrWithOneSeed_isUnknown() {
    assertThat(verdict(1, 0.5, NaN)).isEqualTo(Verdict.UNKNOWN);
    assertThat(verdict(3, 0.02, 0)).isEqualTo(Verdict.UNKNOWN);
    assertThat(verdict(3, 0, 0)).isEqualTo(Verdict.WITHIN_NOISE);
    Comparison equalGaps = againstA(List.of(701, 713, 727), List.of(711, 723, 737));
    assertThat(row(equalGaps, "0.9", "B").difference().verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(equalGaps.sentences().get(0)).contains("nothing can be claimed");
  }

  @Test
  void rows_sparsitiesAndMethods_keepOrderOfAppearance() {
    Comparison comparison =
        Comparison.of(
            List.of(
                minimal("B", "0.99", 1, 1, null, 1),
                minimal("A", "0.90", 1, 1, null, 1),
                minimal("A", "0.99", 1, 1, null, 1),
                minimal("B", "0.9", 1, 1, null, 1)),
            "A");
    assertThat(comparison.rows())
        .extracting(r -> r.sparsity() + " " + r.method())
        .containsExactly("0.99 B", "0.99 A", "0.90 A", "0.9 B");
    assertThat(comparison.difference("0.900", "B", "A").pairs()).isEqualTo(1);
  }

  @Test
  void sentences_claimOverBaseline_tellsAllRivals() {
    List<PruneReport> reports = new ArrayList<>(TWO);
    // Twice the steps: 0.75 0.74 0.76 -> VPNs is -0.01 +0.02 -0.01 against it, within noise.
    reports.add(minimal("HYDRA 2x", "0.99", 1, 750, null, 200));
    reports.add(minimal("HYDRA 2x", "0.99", 2, 740, null, 200));
    reports.add(minimal("HYDRA 2x", "0.99", 3, 760, null, 200));
    // OMP with prompt, one common seed only.
    reports.add(minimal("OMP with prompt", "0.99", 3, 640, 650, 100));
    reports.add(minimal("OMP with prompt", "0.99", 9, 640, 650, 100));
    // At another sparsity: neither rival nor baseline, so nothing to say.
    reports.add(minimal("LTH", "0.5", 1, 640, null, 100));
    // Beside the baseline, but with a seed that it lacks.
    reports.add(minimal("SNIP", "0.99", 9, 640, null, 100));

    List<String> sentences = Comparison.of(reports, "HYDRA").sentences();

    assertThat(sentences).hasSize(4);
    assertThat(sentences.get(0))
        .isEqualTo(
            "At sparsity 0.99, VPNs is 4.00 points above HYDRA, beyond noise (standard error 0.58,"
                + " p 0.040, 3 seeds), at 0.50 times its gradient steps. Against the others, VPNs"
                + " is within noise of HYDRA 2x (+0.00); undecided against OMP with prompt"
                + " (+10.00); without a common seed with SNIP.");
    assertThat(sentences.get(2)).contains("OMP with prompt").contains("one seed, noise unknown");
    assertThat(sentences.get(3)).contains("SNIP").contains("no seed is common");
    assertThat(sentences).noneMatch(sentence -> sentence.contains("LTH"));
  }

  @Test
  void sentences_withinNoise_claimNothing() {
    // +0.02, -0.01, +0.01: mean 0.0067, deviation 0.0153, standard error 0.0088.
    Comparison comparison = againstA(List.of(700, 700, 700), List.of(720, 690, 710));
    assertThat(comparison.sentences())
        .containsExactly(
            "At sparsity 0.9, no difference between B and A can be claimed: +0.67 points is within"
                + " noise (standard error 0.88, p 0.529, 3 seeds), at equal"
                + " gradient steps.");
  }

  @Test
  void toText_tables_areThoseByHand() {
    String text = Comparison.of(TWO, "HYDRA").toText();
    assertThat(text.lines().limit(20))
        .containsExactly(
            " sparsity | method | runs | prompt | accuracy % (sd) | plain % (sd) ",
            "----------+--------+------+--------+-----------------+--------------",
            " 0.99     | HYDRA  |    3 | no     |    71.00 (1.00) | 71.00 (1.00) ",
            " 0.99     | VPNs   |    3 | yes    |    75.00 (1.00) | 70.00 (1.00) ",
            "",
            " sparsity | method | before tuning % (sd) | vs HYDRA, points (se) ",
            "----------+--------+----------------------+-----------------------",
            " 0.99     | HYDRA  |         20.00 (0.00) |                     - ",
            " 0.99     | VPNs   |         21.00 (0.00) |          +4.00 (0.58) ",
            "",
            " sparsity | method | verdict      | epochs | gradient steps | seconds ",
            "----------+--------+--------------+--------+----------------+---------",
            " 0.99     | HYDRA  | baseline     |      - |            100 |     2.5 ",
            " 0.99     | VPNs   | beyond noise |      - |             50 |     2.5 ",
            "",
            " sparsity | method | dense % (sd) ",
            "----------+--------+--------------",
            " 0.99     | HYDRA  | 90.00 (0.00) ",
            " 0.99     | VPNs   | 90.00 (0.00) ",
            "");
    assertThat(text).matches("\\p{ASCII}*");
  }

  @Test
  void toMarkdown_hostileName_staysOneCell() {
    Comparison comparison =
        Comparison.of(
            List.of(
                minimal("A|B\n<b>*x*", "0.9", 1, 1, null, 1),
                minimal("base", "0.9", 1, 1, null, 1)),
            "base");
    String line =
        comparison.toMarkdown().lines().filter(l -> l.startsWith("| 0.9 | A")).findFirst().get();
    assertThat(line).startsWith("| 0.9 | A\\|B &lt;b>\\*x\\* |");
    assertThat(line.replace("\\|", "")).matches("(\\|[^|]*){13}\\|");
  }

  @Test
  void toMatrix_hasARowForEachMethod_andMarksWhatIsBeyondNoise() {
    List<PruneReport> reports = new ArrayList<>(TWO);
    reports.add(minimal("HYDRA", "0.5", 1, 900, null, 100));
    reports.add(minimal("LTH|x", "0.5", 1, 905, null, 400));
    reports.add(minimal("LTH|x", "0.990", 1, 640, null, 1_300));

    assertThat(Comparison.of(reports, "HYDRA").toMatrix())
        .contains("| method | 0.99 | 0.5 | epochs | gradient steps | seconds |\n")
        .contains("| HYDRA | 71.00 ± 1.00 | 90.00 | - | ")
        .containsPattern("\\| VPNs \\| 75.00 ± 1.00 \\(\\+\\) \\| - \\|")
        .containsPattern("\\| LTH\\\\\\|x \\| 64.00 \\| 90.50 \\| - \\| 400 to 1,300 \\|")
        .contains("(+) above and (-) below HYDRA beyond noise");
  }

  @Test
  void toCsv_quotesNamesWithCommas_andLeavesOutWhatIsNoNumber() {
    Comparison comparison =
        Comparison.of(
            List.of(
                minimal("HYDRA, \"no\" prompt", "0.9", 1, 711, 720, 4),
                minimal("base", "0.9", 1, 700, null, 4)),
            "base");
    assertThat(comparison.toCsv().lines())
        .hasSize(3)
        .element(1)
        .asString()
        .startsWith(
            "0.9,\"HYDRA, \"\"no\"\" prompt\",1,0.720000,,0.711000,,0.020000,,1,,4.0,0.0,0.0,");
  }

  /** What a spreadsheet would run when the file is opened is text there. */
  @Test
  void texts_ofNamesThatActOnATerminal_areSafe() {
    List<PruneReport> reports = new ArrayList<>();
    for (long seed : new long[] {1, 2}) {
      reports.add(minimal("base", "0.9", seed, 700, null, 4));
      reports.add(minimal("red\u001b[31m\u202e\nx", "0.9", seed, 700, null, 4));
    }
    Comparison comparison = Comparison.of(reports, "base");
    List<String> texts = new ArrayList<>(comparison.sentences());
    texts.addAll(comparison.notes());
    texts.add(comparison.toString());
    texts.addAll(comparison.toText().lines().toList());
    assertThat(texts)
        .anyMatch(text -> text.contains("red [31m\\u202e x"))
        .noneMatch(text -> text.chars().anyMatch(c -> Character.isISOControl(c) || c == 0x202e));
  }

  @Test
  void toCsv_ofNamesThatAreFormulas_makesThemText() {
    List<PruneReport> reports = new ArrayList<>(List.of(minimal("base", "0.9", 1, 700, null, 4)));
    List<String> names = List.of("=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", "\uff1d1", "\r=1");
    names.forEach(name -> reports.add(minimal(name, "0.9", 1, 700, null, 4)));
    reports.add(minimal("=a,b", "0.9", 1, 700, null, 4));
    List<String> cells =
        Comparison.of(reports, "base")
            .toCsv()
            .lines()
            .skip(1)
            .map(line -> line.substring("0.9,".length()))
            .toList();
    assertThat(cells).hasSize(names.size() + 2).doesNotContain("base");
    assertThat(cells.stream().filter(cell -> cell.startsWith("'"))).hasSize(names.size());
    assertThat(cells).anyMatch(cell -> cell.startsWith("\"'=a,b\","));
    assertThat(cells).anyMatch(cell -> cell.startsWith("base,"));
    // numbers stay numbers
    assertThat(cells).allMatch(cell -> cell.contains("0.700000"));
  }

  @Test
  void notes_unequalRuns_areCautionedAgainst() {
    PruneReport base = minimal("A", "0.9", 1, 1, null, 1);
    PruneReport fewer =
        new PruneReport(
            "B",
            "0.9",
            1,
            90,
            9,
            100,
            List.of(),
            null,
            null,
            new Accuracy(500, 1, null),
            List.of(),
            new int[0][],
            null,
            List.of(),
            Map.of(),
            null);
    assertThat(Comparison.of(List.of(base, fewer), "A").notes())
        .anyMatch(note -> note.contains("different numbers of images: [500, 1000]"))
        .anyMatch(note -> note.contains("differ in the number of prunable weights"))
        .anyMatch(note -> note.contains("on average A 10, B 9."));
    assertThat(Comparison.of(TWO, "HYDRA").notes()).noneMatch(note -> note.contains("Caution"));
  }

  @Test
  void of_badInput_isRejectedInWords() {
    PruneReport a = minimal("A", "0.9", 1, 1, null, 1);
    assertThatThrownBy(() -> Comparison.of(List.of(), "A"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no run of the baseline");
    assertThatThrownBy(() -> Comparison.of(List.of(a), "B"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[A]");
    assertThatThrownBy(() -> Comparison.of(List.of(a, minimal("A", "0.90", 1, 2, null, 1)), "A"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run given twice: Comparison.of, A 0.90 seed 1");
    assertThatThrownBy(() -> Comparison.of(List.of(a, minimal("A", "0.9", 2, 2, 3, 1)), "A"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("differ by more than the seed");
    assertThatThrownBy(() -> Comparison.of(List.of(minimal("A", "most", 1, 1, null, 1)), "A"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'most'");
    PruneReport untested =
        new PruneReport(
            "A",
            "0.9",
            1,
            1,
            1,
            1,
            List.of(),
            null,
            null,
            null,
            List.of(),
            new int[0][],
            null,
            List.of(),
            Map.of(),
            null);
    assertThatThrownBy(() -> Comparison.of(List.of(untested), "A"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run without final accuracy");
  }

  @Property(tries = 200)
  void difference_ofSwappedMethods_isOpposite(
      @ForAll @Size(4) List<@IntRange(max = 1000) Integer> a,
      @ForAll @Size(4) List<@IntRange(max = 1000) Integer> b) {
    Comparison comparison = againstA(a, b);
    Difference there = comparison.difference("0.9", "B", "A");
    Difference back = comparison.difference("0.9", "A", "B");

    assertThat(back.mean()).isCloseTo(-there.mean(), within(ROUNDING));
    assertThat(back.verdict()).isEqualTo(there.verdict());
    assertThat(there.mean())
        .isCloseTo(
            row(comparison, "0.9", "B").accuracy().mean()
                - row(comparison, "0.9", "A").accuracy().mean(),
            within(ROUNDING));
  }
}
