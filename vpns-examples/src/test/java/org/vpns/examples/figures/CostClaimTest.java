package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.testing.SampleReports.minimal;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.Hypothesis.Verdict;

/** Statements on costs, held against runs of so many gradient steps. */
class CostClaimTest {
  private static final CostClaim CHEAPER =
      CostClaim.of("A is cheaper", "steps", PruneReport::gradientSteps);

  private final List<PruneReport> runs = new ArrayList<>();

  private void runs(String method, String sparsity, long... steps) {
    for (int seed = 0; seed < steps.length; seed++) {
      runs.add(minimal(method, sparsity, seed, 700, null, steps[seed]));
    }
  }

  @Test
  void counts_thatSeedsDoNotChange_areCertain() {
    runs("A", "0.9", 100, 100);
    runs("B", "0.90", 150, 150);
    Judgement held = CHEAPER.less("A", "B", "0.9").judge(runs);

    assertThat(held.verdict()).isEqualTo(Verdict.HELD);
    assertThat(held.text()).isEqualTo("A is cheaper");
    assertThat(held.details())
        .containsExactly(
            "A 0.9 below B 0.9: 100 against 150 steps (2.5 against 2.5 seconds), p < 0.001, 2"
                + " seeds, held");
    assertThat(CHEAPER.less("B", "A", "0.9").judge(runs).verdict()).isEqualTo(Verdict.NOT_HELD);
    // equal costs are neither less nor more
    assertThat(CHEAPER.less("A", "A", "0.9").judge(runs).verdict()).isEqualTo(Verdict.WITHIN_NOISE);
  }

  @Test
  void factors_andOtherSparsities_areTakenInto() {
    runs("A", "0.9", 100, 100);
    runs("A", "0.99", 110, 110);
    CostClaim near = CHEAPER.less("A", "0.99", 1.2, "A", "0.9");

    // 110 against 1.2 x 100
    assertThat(near.judge(runs).verdict()).isEqualTo(Verdict.HELD);
    assertThat(near.judge(runs).details().get(0))
        .startsWith("A 0.99 below 1.2 times A 0.9: 110 against 100 steps");
    assertThat(CHEAPER.less("A", "0.99", 1.05, "A", "0.9").judge(runs).verdict())
        .isEqualTo(Verdict.NOT_HELD);
  }

  @Test
  void counts_thatSeedsChange_areJudgedByTheirSpread() {
    runs("A", "0.9", 100, 100, 100);
    runs("B", "0.9", 140, 160, 150);
    runs("C", "0.9", 140, 110, 110);
    // 40, 60, 50 less: error 10 / sqrt 3, t 8.66, p 0.013. C: 40, 10, 10, t 2, p 0.184
    assertThat(CHEAPER.less("A", "B", "0.9").judge(runs).details().get(0)).contains("p 0.013");
    assertThat(CHEAPER.less("A", "C", "0.9").judge(runs).verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    Judgement both = CHEAPER.less("A", "B", "0.9").less("A", "C", "0.9").judge(runs);
    assertThat(both.verdict()).isEqualTo(Verdict.WITHIN_NOISE);
    // Holm: the smaller of two counts twice
    assertThat(both.details().get(0)).contains("p 0.026").endsWith("held");
  }

  @Test
  void runs_thatAreMissing_orOneSeed_leaveItUnknown() {
    runs("A", "0.9", 100);
    runs("B", "0.9", 150);
    assertThat(CHEAPER.less("A", "B", "0.9").judge(runs).verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(CHEAPER.less("A", "C", "0.9").judge(runs).details())
        .containsExactly("A 0.9 below C 0.9: no seed in common, unknown");
    assertThat(CHEAPER.judge(runs).verdict()).isEqualTo(Verdict.UNKNOWN);
  }
}
