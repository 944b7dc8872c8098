package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;
import org.vpns.train.RunListener;
import org.vpns.train.RunListener.StageStart;
import org.vpns.train.RunListener.Step;
import org.vpns.train.RunListener.Work;

/** What a file or a build's log gets of a run; the clock is set by hand. */
class ConsoleLogTest {
  private static final long ITERATIONS = 1_000;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();
  private final PruneReport report = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);
  private final RunListener listener =
      new ConsoleListener(
          new PrintStream(bytes, true, StandardCharsets.UTF_8), false, 0, clock::get);

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void begin(long done) {
    listener.runStarted("VPNs 0.99", ITERATIONS, done);
    listener.stageStarted(new StageStart("tune", 1, 2, ITERATIONS));
  }

  private void steps(int from, int to, double seconds) {
    for (int i = from; i <= to; i++) {
      clock.addAndGet(Math.round(seconds * 1e9));
      listener.stepFinished(new Step("tune", i, ITERATIONS, 1.25, 0.5, 0.99, 32));
    }
  }

  private void epoch() {
    listener.epochFinished("tune", new EpochRecord(0, 1, 0, 0, null));
  }

  @Test
  void run_ofSeconds_hasALineAtTheBeginningAndOneAtTheEnd() {
    begin(0);
    for (int i = 0; i < 9; i++) {
      steps(1 + 10 * i, 10 * (i + 1), 0.1);
      epoch();
    }
    listener.runFinished(report);

    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0)).isEqualTo("VPNs 0.99: 1,000 iterations");
    assertThat(lines().get(1))
        .startsWith("VPNs 0.99 seed 7: kept 1,810 of 180,952, ")
        .contains(", 1,170 gradient steps, ")
        .contains("1 warning");
  }

  /** An epoch of 25 steps of 0.5 s is over after 12.5 s: before a minute. */
  @Test
  void run_ofShortEpochs_hasALineForEach() {
    begin(0);
    for (int i = 0; i < 4; i++) {
      steps(1 + 25 * i, 25 * (i + 1), 0.5);
      epoch();
    }

    assertThat(lines())
        .containsExactly(
            "VPNs 0.99: 1,000 iterations",
            "VPNs 0.99, tune 2/2: 25/1,000, 0:13, 8:08 left, 64 images/s, loss 1.250, acc 50.0%,"
                + " sparsity 0.9900",
            "VPNs 0.99, tune 2/2: 50/1,000, 0:25, 7:55 left, 64 images/s, loss 1.250, acc 50.0%,"
                + " sparsity 0.9900",
            "VPNs 0.99, tune 2/2: 75/1,000, 0:38, 7:43 left, 64 images/s, loss 1.250, acc 50.0%,"
                + " sparsity 0.9900",
            "VPNs 0.99, tune 2/2: 100/1,000, 0:50, 7:30 left, 64 images/s, loss 1.250, acc 50.0%,"
                + " sparsity 0.9900");
  }

  /** Steps of 7 s: the ninth ends after 63 s, the eighteenth after 126 s. */
  @Test
  void run_ofLongEpochs_hasALineAMinute() {
    begin(0);
    steps(1, 20, 7);

    assertThat(lines()).hasSize(3);
    assertThat(lines().get(1)).startsWith("VPNs 0.99, tune 2/2: 9/1,000, 1:03, 1:55:37 left, ");
    assertThat(lines().get(2)).startsWith("VPNs 0.99, tune 2/2: 18/1,000, 2:06, ");
  }

  @Test
  void evaluationBeforeTheFirstStep_hasALineAMinuteToo() {
    listener.runStarted("VPNs 0.99", ITERATIONS, 0);
    for (int i = 1; i <= 40; i++) {
      clock.addAndGet(4_000_000_000L);
      listener.workAdvanced(new Work("test images", i, 40));
    }

    assertThat(lines())
        .containsExactly(
            "VPNs 0.99: 1,000 iterations",
            "VPNs 0.99, test images 15/40: 0/1,000, 1:00",
            "VPNs 0.99, test images 30/40: 0/1,000, 2:00");
  }

  /** 10 steps of 30 s here, 40 before: 950 are left at 30 s each. */
  @Test
  void resumedRun_saysWhereItGoesOn_andCountsItsOwnTime() {
    begin(40);
    steps(41, 50, 30);

    assertThat(lines().get(0)).isEqualTo("VPNs 0.99: resumed after 40 of 1,000 iterations");
    assertThat(lines().get(lines().size() - 1)).contains(": 50/1,000, 5:00, 7:55:00 left, ");
  }

  @Test
  void warnings_comeWhenTheyAreMade() {
    begin(0);
    listener.warned("layer without\nweights");

    assertThat(lines().get(1)).isEqualTo("warning: layer without weights");
  }

  @Test
  void failure_isALineWithHowFarItCame() {
    begin(0);
    steps(1, 12, 0.5);
    listener.runFailed(new IllegalStateException("loss is\nnot finite"));

    assertThat(lines().get(1))
        .isEqualTo(
            "run failed after 12 of 1000 iterations: java.lang.IllegalStateException: loss is not"
                + " finite");
  }

  @Test
  void log_hasNothingThatMovesACursor() {
    begin(0);
    steps(1, 500, 1);
    listener.warned("w");
    listener.runFinished(report);

    assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\u001b", "\r");
  }
}
