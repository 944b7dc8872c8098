package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;
import org.vpns.train.RunListener;
import org.vpns.train.RunListener.StageStart;
import org.vpns.train.RunListener.Step;
import org.vpns.train.RunListener.Work;

/** What a terminal shows while a run goes on. A warning draws the bar anew, as its timer does. */
class ConsoleScreenTest {
  private static final String RECIPE = "VPNs alternating 0.99";
  private static final long ITERATIONS = 117_300;

  private final AtomicLong clock = new AtomicLong();
  private final PruneReport report = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);

  private RunListener begun(Screen screen, int columns) {
    RunListener listener =
        new ConsoleListener(
            new PrintStream(screen, true, StandardCharsets.UTF_8), true, columns, clock::get);
    listener.runStarted(RECIPE, ITERATIONS, 0);
    return listener;
  }

  private void steps(RunListener listener, int number, double seconds) {
    listener.stageStarted(new StageStart("find mask", 0, 2, ITERATIONS));
    for (int i = 1; i <= number; i++) {
      clock.addAndGet(Math.round(seconds * 1e9));
      listener.stepFinished(new Step("find mask", i, ITERATIONS, 1.25, 0.5, 0.99, 256));
    }
  }

  private static String last(Screen screen) {
    List<String> rows = screen.rows();
    return rows.get(rows.size() - 1);
  }

  /** 12,345 steps of 0.3 s, and 104,955 to go. */
  @Test
  void eightyColumns_haveCountElapsedLeftAndRate() {
    Screen screen = new Screen(80);
    RunListener listener = begun(screen, 80);
    steps(listener, 12_345, 0.3);
    listener.warned("w");
    String bar = last(screen);
    listener.runFinished(report);

    assertThat(bar)
        .isEqualTo(
            "find mask 1/2  10% [>        ] 12,345/117,300 1:01:44, 8:44:47 left 853 images/s");
    assertThat(bar.length()).isLessThanOrEqualTo(80);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10, 20, 40, 60, 79, 80, 81, 120, 200})
  void line_isNeverLongerThanTheScreen_andNeverACutBar(int columns) {
    Screen screen = new Screen(columns);
    RunListener listener = begun(screen, columns);
    for (String what : List.of("test images", "label mapping", "scores, round 31 of 100")) {
      listener.workAdvanced(new Work(what, 1_234, 5_678));
      listener.warned("w");
    }
    steps(listener, 1_000, 0.3);
    listener.warned("w");
    List<String> rows = screen.rows();
    listener.runFinished(report);

    for (String drawn : screen.toString(StandardCharsets.UTF_8).split("[\r\n]|\u001b\\[2K")) {
      if (!drawn.equals("warning: w") && !drawn.startsWith("VPNs 0.99 seed 7: kept")) {
        assertThat(drawn.length()).as(drawn).isLessThanOrEqualTo(columns);
        assertThat(drawn.contains("[")).as(drawn).isEqualTo(drawn.contains("]"));
      }
    }
    assertThat(rows.get(rows.size() - 1)).contains(columns < 2 ? "%" : "0%");
  }

  @Test
  void fortyColumns_haveStagePercentBarAndCount() {
    Screen screen = new Screen(40);
    RunListener listener = begun(screen, 40);
    steps(listener, 420, 0.3);
    listener.warned("w");
    String bar = last(screen);
    listener.runFinished(report);

    assertThat(bar).isEqualTo("find mask 1/2   0% [>      ] 420/117,300");
  }

  @Test
  void evaluationAndScores_areShownBatchByBatch() {
    Screen screen = new Screen(80);
    RunListener listener = begun(screen, 80);
    clock.addAndGet(3_000_000_000L);
    listener.workAdvanced(new Work("test images", 12, 40));
    listener.warned("w");
    String evaluation = last(screen);
    listener.workAdvanced(new Work("scores, round 3 of 100", 0, 0));
    listener.warned("w");
    String scores = last(screen);
    listener.runFinished(report);

    assertThat(evaluation)
        .startsWith(RECIPE + ", test images 12/40   0% [>")
        .endsWith("] 0/117,300 0:03");
    assertThat(scores).startsWith(RECIPE + ", scores, round 3 of 100   0% [>");
  }

  /** What PyTorch writes begins in the first column of the bar's row, and the bar goes on below. */
  @Test
  void nativeWarning_andOurs_haveRowsOfTheirOwn() {
    Screen screen = new Screen(80);
    RunListener listener = begun(screen, 80);
    steps(listener, 100, 0.3);
    listener.warned("layer without weights: fc.weight");
    String nativeWarning = "[W1128 LegacyTypeDispatch.h:74] Warning: " + "deprecated ".repeat(9);
    screen.writeNative(nativeWarning);
    listener.warned("another");
    List<String> rows = screen.rows();
    listener.runFinished(report);

    assertThat(rows.get(0)).isEqualTo("warning: layer without weights: fc.weight");
    assertThat(rows.get(1) + rows.get(2)).isEqualTo(nativeWarning.strip());
    assertThat(rows.get(3)).isEqualTo("warning: another");
    assertThat(rows.get(4)).startsWith("find mask 1/2   0% [>");
    assertThat(rows).hasSize(5);
    List<String> end = screen.rows();
    assertThat(end.subList(0, 4)).isEqualTo(rows.subList(0, 4));
    assertThat(end.get(4)).startsWith("VPNs 0.99 seed 7: kept");
  }
}
