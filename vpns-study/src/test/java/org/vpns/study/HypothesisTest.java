package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.vpns.testing.SampleReports.minimal;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.Hypothesis.Verdict;

/** Statements held against runs. */
class HypothesisTest {
  /** A, B and C at 0.9 with so many of 1,000 right under the seeds 0, 1, 2. */
  private static Comparison runs(int[] a, int[] b, int[] c) {
    List<PruneReport> reports = new ArrayList<>();
    for (int seed = 0; seed < a.length; seed++) {
      reports.add(minimal("A", "0.9", seed, a[seed], null, 1));
      reports.add(minimal("B", "0.9", seed, b[seed], null, 1));
      reports.add(minimal("C", "0.9", seed, c[seed], null, 1));
    }
    return Comparison.of(reports, "A");
  }

  /** B is 40, 50, 30 above A: error 10 / sqrt 3, t 6.93, p 0.0202. C: 40, 10, 10, p 0.184. */
  private static final Comparison RUNS =
      runs(new int[] {700, 710, 720}, new int[] {740, 760, 750}, new int[] {740, 720, 730});

  private static Judgement judge(Hypothesis hypothesis) {
    return hypothesis.judge(RUNS);
  }

  @Test
  void lead_beyondNoise_isHeld_andItsOpposite_isNot() {
    Judgement held = judge(Hypothesis.of("B leads").above("B", "A", "0.90"));

    assertThat(held.verdict()).isEqualTo(Verdict.HELD).hasToString("held");
    assertThat(held.text()).isEqualTo("B leads");
    assertThat(held.details())
        .containsExactly(
            "B 0.90 above A: +4.00 points, standard error 0.58, p 0.020, 3 seeds, held");
    assertThat(judge(Hypothesis.of("A leads").above("A", "B", "0.9")).verdict())
        .isEqualTo(Verdict.NOT_HELD);
    assertThat(judge(Hypothesis.of("C leads").above("C", "A", "0.9")).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
  }

  /** Three seeds that differ alike say nothing of how much a fourth would. */
  @Test
  void lead_thatIsTheSameInAllSeeds_isUnknown_andSaysWhy() {
    Comparison alike =
        runs(new int[] {700, 710, 720}, new int[] {740, 750, 760}, new int[] {740, 720, 730});
    Judgement same = Hypothesis.of("B leads").above("B", "A", "0.9").judge(alike);

    assertThat(same.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(same.details())
        .containsExactly(
            "B 0.9 above A: +4.00 points, standard error 0.00, 3 seeds with no spread to judge"
                + " noise by, unknown");
  }

  @Test
  void lead_statedTwice_countsOnce() {
    Hypothesis one = Hypothesis.of("B leads").above("B", "A", "0.9");

    assertThat(judge(one.above("B", "A", "0.9"))).isEqualTo(judge(one));
  }

  @Test
  void leads_ofOneStatement_areCorrectedForTheirNumber_andAllMustHold() {
    Hypothesis one = Hypothesis.of("B leads").above("B", "A", "0.9");
    // Holm: the smallest of three probabilities counts three times, 0.0606
    Judgement three = judge(one.above("C", "A", "0.9").above("C", "B", "0.9"));

    assertThat(three.verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(three.details().get(0)).contains("p 0.061").endsWith("within noise");
    // one that is wrong outweighs those that hold
    assertThat(judge(one.above("A", "B", "0.9")).verdict()).isEqualTo(Verdict.NOT_HELD);
  }

  @Test
  void gain_isSmall_onlyWhereItsBoundSaysSo() {
    // t of 95 % with 2 degrees of freedom is 2.92: 4 + 2.92 x 0.577 = 5.69 points
    assertThat(judge(Hypothesis.of("").gainsLessThan(5.7, "B", "A", "0.9")).verdict())
        .isEqualTo(Verdict.HELD);
    assertThat(judge(Hypothesis.of("").gainsLessThan(5.6, "B", "A", "0.9")).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
    // a gain beyond noise may still be a small one: 4 - 2.92 x 0.577 = 2.31 points
    assertThat(judge(Hypothesis.of("").gainsLessThan(2.4, "B", "A", "0.9")).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
    Hypothesis tiny = Hypothesis.of("").gainsLessThan(2.3, "B", "A", "0.9");
    assertThat(judge(tiny).verdict()).isEqualTo(Verdict.NOT_HELD);
    // with a second difference t is that of 97.5 %, 4.303: 4 - 4.303 x 0.577 = 1.52
    assertThat(judge(tiny.gainsLessThan(9, "A", "B", "0.9")).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
    assertThat(
            judge(
                    Hypothesis.of("")
                        .gainsLessThan(1.5, "B", "A", "0.9")
                        .gainsLessThan(9, "A", "B", "0.9"))
                .verdict())
        .isEqualTo(Verdict.NOT_HELD);
    // 2 + 2.92 x 1 = 4.92, and the gain is within noise
    assertThat(judge(Hypothesis.of("").gainsLessThan(4.9, "C", "A", "0.9")).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
  }

  @Test
  void gain_onAnotherSparsity_isTakenThere() {
    List<PruneReport> reports = new ArrayList<>();
    int[] dense = {750, 770, 760};
    int[] sparse = {740, 750, 760};
    for (int seed = 0; seed < 3; seed++) {
      reports.add(minimal("Dense", "0", seed, dense[seed], null, 1));
      reports.add(minimal("B", "0.9", seed, sparse[seed], null, 1));
    }
    Comparison runs = Comparison.of(reports, "Dense");

    // 10, 20, 0 images: 1 + 2.92 x 0.577 = 2.69 points
    Hypothesis loses = Hypothesis.of("B loses little");
    Judgement little = loses.gainsLessThanAt(2.7, "Dense", "0", "B", "0.9").judge(runs);
    assertThat(little.verdict()).isEqualTo(Verdict.HELD);
    assertThat(little.details().get(0)).startsWith("Dense 0 against B 0.9: +1.00 points");
    assertThat(loses.gainsLessThanAt(2.6, "Dense", "0", "B", "0.9").judge(runs).verdict())
        .isEqualTo(Verdict.WITHIN_NOISE);
  }

  @Test
  void runs_thatAreMissing_orOneSeed_leaveItUnknown() {
    Judgement missing = judge(Hypothesis.of("D leads").above("D", "A", "0.9"));
    assertThat(missing.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(missing.details()).containsExactly("D 0.9 above A: no seed in common, unknown");
    assertThat(judge(Hypothesis.of("nothing")).verdict()).isEqualTo(Verdict.UNKNOWN);

    Comparison one = runs(new int[] {700}, new int[] {740}, new int[] {710});
    Judgement single = Hypothesis.of("B leads").above("B", "A", "0.9").judge(one);
    assertThat(single.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(single.details().get(0)).contains("1 seed, unknown").doesNotContain("NaN");
  }

  @Test
  void margin_thatIsNone_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hypothesis.of("").gainsLessThan(0, "B", "A", "0.9"))
        .withMessageStartingWith("margin out of range: Hypothesis.gainsLessThan");
  }
}
