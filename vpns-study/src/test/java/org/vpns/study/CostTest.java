package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.testing.SampleReports.costing;
import static org.vpns.testing.SampleReports.minimal;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.internal.network.PassCounter;
import org.vpns.report.Cost;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison.Row;

/** Costs in reports, comparisons and what they say. */
final class CostTest {
  /** 4 gradient steps on 64 images, 2 double backward passes. */
  private static final Cost SCORES = new Cost(6, 4, 2, 64, 1.5);

  private static PruneReport baseline(long seed, int plain) {
    return costing(minimal("HYDRA", "0.9", seed, plain, null, 300), 300, Cost.NONE, 480);
  }

  private static PruneReport scored(long seed, int plain, Cost scoring, long steps) {
    return costing(minimal("SNIP", "0.9", seed, plain, null, steps), steps, scoring, 480);
  }

  @Test
  void counter_ofPasses_becomesACost() {
    PassCounter passes = new PassCounter();
    passes.forward();
    passes.forward();
    passes.backward(16);
    passes.backward(8);
    passes.doubleBackward();
    Cost cost = passes.cost(0.25);
    assertThat(cost).isEqualTo(new Cost(2, 2, 1, 24, 0.25));
    assertThat(cost.gradientSteps()).isEqualTo(2);
    assertThat(cost.plus(SCORES)).isEqualTo(new Cost(8, 6, 3, 88, 1.75));
    assertThat(cost.plus(Cost.NONE)).isEqualTo(cost);
    assertThat(cost.hasPasses()).isTrue();
    assertThat(new Cost(0, 0, 0, 0, 1).hasPasses()).isFalse();
  }

  @Test
  void report_addsTrainingAndScores_andCountsEpochsByImages() {
    PruneReport report = scored(1, 700, SCORES, 300);
    assertThat(report.training()).isEqualTo(new Cost(300, 300, 0, 4800, 2.5));
    assertThat(report.scoring()).isEqualTo(SCORES);
    assertThat(report.cost()).isEqualTo(new Cost(306, 304, 2, 4864, 4));
    assertThat(report.epochs()).isEqualTo(10);
    assertThat(PruneReport.fromJson(report.toJson())).isEqualTo(report);
    assertThat(report.line()).contains(", 304 gradient steps, 4.0 s");
  }

  @Test
  void report_ofAnEarlierFormat_isRead_andSaysNothingOfWhatItLacks() {
    PruneReport told = scored(1, 700, SCORES, 300);
    String json =
        told.toJson()
            .replaceAll(",\\s+\"forwards\": 300,\\s+\"scoring\": \\{[^}]*}", "")
            .replaceAll(",\\s+\"trainingImages\": 480", "");
    assertThat(json).doesNotContain("scoring").doesNotContain("trainingImages");
    PruneReport old = PruneReport.fromJson(json);
    assertThat(old.stages().get(0).scoring()).isNull();
    assertThat(old.training()).isEqualTo(told.training());
    assertThat(old.scoring()).isEqualTo(Cost.NONE);
    assertThat(old.epochs()).isNull();
    // without a value the new fields are not written
    assertThat(old.toJson()).isEqualTo(json);
    Comparison comparison = Comparison.of(List.of(old), "SNIP");
    assertThat(comparison.rows().get(0).epochs()).isNull();
    assertThat(comparison.notes())
        .anyMatch(note -> note.startsWith("Caution: reports of an earlier format"));
    assertThatThrownBy(
            () -> PruneReport.fromJson(told.toJson().replace("\"doubleBackwards\": 2,", "")))
        .hasMessageContaining("report.stages[0].scoring.doubleBackwards");
  }

  @Test
  void summary_showsScoresOfAStage_whereThereAreAny() {
    assertThat(scored(1, 700, SCORES, 300).summary())
        .containsPattern(
            "cost +\\| gradient steps \\| forwards \\| double backwards \\| images \\| +time")
        .containsPattern("tune: scores +\\| +4 \\| +6 \\| +2 \\| +64 \\| +1.5 s")
        .containsPattern("tune +\\| +300 \\| +300 \\| +0 \\| +4,800 \\| +2.5 s")
        .containsPattern("total +\\| +304 \\| +306 \\| +2 \\| +4,864 \\| +4.0 s");
    assertThat(baseline(1, 700).summary())
        .containsPattern("cost +\\| gradient steps \\| images \\| +time")
        .doesNotContain("scores");
    // time that no pass took is shown too, once it can be seen
    assertThat(scored(1, 700, new Cost(0, 0, 0, 0, 0.06), 300).summary()).contains("tune: scores");
    assertThat(scored(1, 700, new Cost(0, 0, 0, 0, 0.04), 300).summary())
        .doesNotContain("tune: scores");
  }

  private static Comparison comparison(Cost scoring, long steps) {
    return Comparison.of(
        List.of(
            baseline(1, 700),
            baseline(2, 700),
            scored(1, 720, scoring, steps),
            scored(2, 715, scoring, steps)),
        "HYDRA");
  }

  private static String cost(Cost scoring, long steps) {
    return comparison(scoring, steps)
        .sentences()
        .get(0)
        .replaceAll(".*2 seeds\\), at (.*)\\.", "$1");
  }

  @Test
  void sentences_callNoCostEqualThatIsNot() {
    assertThat(cost(Cost.NONE, 300)).isEqualTo("equal gradient steps");
    assertThat(cost(new Cost(4, 4, 0, 64, 1), 300))
        .isEqualTo("1.01 times its gradient steps (4 of them for scores, on 64 images)");
    assertThat(cost(new Cost(1, 1, 0, 1, 1), 300))
        .isEqualTo("1.003 times its gradient steps (1 of them for scores, on 1 image)");
    assertThat(cost(new Cost(100, 100, 0, 100, 1), 300))
        .isEqualTo("1.33 times its gradient steps (100 of them for scores, on 100 images)");
    assertThat(cost(SCORES, 296))
        .isEqualTo(
            "equal gradient steps (4 of them for scores, on 64 images) and 2 double backwards"
                + " against 0");
  }

  @Test
  void sentences_tellTheScoresOfTheBaseline() {
    Comparison comparison =
        Comparison.of(
            List.of(
                scored(1, 720, SCORES, 300),
                scored(2, 715, SCORES, 300),
                baseline(1, 700),
                baseline(2, 700)),
            "SNIP");
    assertThat(comparison.sentences().get(0))
        .contains(
            ", at 0.99 times its gradient steps (of those of SNIP 4 for scores, on 64 images) and 0"
                + " double backwards against 2.");
  }

  @Test
  void table_showsWhatRunsCost() {
    Comparison comparison = comparison(SCORES, 300);
    Row row = comparison.rows().get(1);
    assertThat(row.epochs()).isEqualTo(10);
    assertThat(row.gradientSteps()).isEqualTo(304);
    assertThat(row.scoringSteps()).isEqualTo(4);
    assertThat(row.scoringImages()).isEqualTo(64);
    assertThat(row.doubleBackwards()).isEqualTo(2);
    assertThat(row.seconds()).isEqualTo(4);
    String text = comparison.toMarkdown();
    assertThat(text)
        .contains("| epochs | gradient steps | for scores (images) | double backwards | seconds |")
        .contains("| 10 | 300 | 0 | 0 | 2.5 |")
        .contains("| 10 | 304 | 4 (64) | 2 | 4.0 |")
        .contains("Gradient steps are forward and backward passes of one batch")
        .contains("Not in the gradient steps are forward passes without a backward pass")
        .doesNotContain("Caution");
    assertThat(comparison(new Cost(4, 4, 0, 64, 1), 300).toMarkdown())
        .contains("| epochs | gradient steps | for scores (images) | seconds |")
        .doesNotContain("Not in the gradient steps");
    assertThat(comparison(Cost.NONE, 300).toMarkdown())
        .contains("| epochs | gradient steps | seconds |");
  }

  @Test
  void page_showsCostsOfScores_besideThoseOfTraining() throws Exception {
    List<PruneReport> runs = List.of(baseline(1, 700), scored(1, 720, SCORES, 300));
    String page = HtmlReport.render("t", Comparison.of(runs, "HYDRA"), runs);
    assertThat(page)
        .contains(
            "<th scope=\"row\" class=\"left\">tune: scores</th><td>4</td><td>6</td><td>2</td>"
                + "<td>64</td><td>1.5 s</td>")
        .contains("<th scope=\"col\">double backwards</th><th scope=\"col\">images</th>")
        .contains(
            "<th scope=\"row\" class=\"left\">tune</th><td>300</td><td>4,800</td><td>2.5 s</td>");
  }
}
