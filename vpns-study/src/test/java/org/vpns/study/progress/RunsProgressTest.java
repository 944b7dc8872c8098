package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;

class RunsProgressTest {
  private static Recipe recipe(String name) {
    Stage tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.cosine(0.1))
            .pass(Pass.plain())
            .length(Length.iterations(8))
            .build();
    return Recipe.of(name, Sparsity.of("0.95"), tune).seed(5).build();
  }

  private static String shown(boolean terminal, PruneReport report) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (RunsProgress progress = new RunsProgress(out, terminal, 2, 16)) {
      progress.next(recipe("Dense"), 8);
      progress.runFinished(report);
      progress.next(recipe("Random"), 8);
      progress.stepFinished(new RunListener.Step("tune", 4, 8, 1.0, 0.5, 0.95, 32));
      progress.runFinished(report);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void progress_onATerminal_drawsBarWithTimeLeftAndALinePerRun() {
    PruneReport report = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);

    // 8 steps of the first run and half of the second: 12 of 16.
    assertThat(shown(true, report))
        .contains("1/2 " + report.line())
        .contains("2/2 Random 0.95 seed 5  75% [==")
        .contains(" left")
        .endsWith("\u001b[2K");
  }

  @Test
  void progress_elsewhere_isALinePerRun() {
    PruneReport report = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);

    assertThat(shown(false, report).lines())
        .containsExactly(" 1/2 " + report.line(), " 2/2 " + report.line());
  }
}
