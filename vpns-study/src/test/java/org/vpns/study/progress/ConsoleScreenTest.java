package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** Steps of 0.3 s: of 12,345 an hour, and more than eight for the 104,955 to go. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80 | 12345 | find mask 1/2  10% [>        ] 12,345/117,300 1:01:44, 8:44:47 left"
            + " 853 images/s",
        "40 | 420 | find mask 1/2   0% [>      ] 420/117,300"
      })
  void columns_haveAsManyFiguresAsFit(int columns, int done, String expected) {
    Screen screen = new Screen(columns);
    RunListener listener = begun(screen, columns);
    steps(listener, done, 0.3);
    listener.warned("w");
    String bar = last(screen);
    listener.runFinished(report);

    assertThat(bar).isEqualTo(expected);
    assertThat(bar.length()).isLessThanOrEqualTo(columns);
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

    for (String drawn :
        screen.toString(StandardCharsets.UTF_8).split("[\r\n]|\u001b\\[(2K|999C)")) {
      if (!drawn.equals("warning: w") && !drawn.startsWith("VPNs 0.99 seed 7: kept")) {
        assertThat(drawn.length()).as(drawn).isLessThanOrEqualTo(columns);
        assertThat(drawn.contains("[")).as(drawn).isEqualTo(drawn.contains("]"));
      }
    }
    assertThat(rows.get(rows.size() - 1)).contains(columns < 2 ? "%" : "0%");
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

  /**
   * What PyTorch writes begins below the bar, which stays there whole, and goes on further below.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 80, 99, 160})
  void nativeLine_andOurs_haveRowsOfTheirOwn(int length) {
    Screen screen = new Screen(80);
    RunListener listener = begun(screen, 80);
    steps(listener, 100, 0.3);
    listener.warned("layer without weights: fc.weight");
    String bar = last(screen);
    String nativeLine = "x".repeat(length);
    screen.writeNative(nativeLine);
    listener.warned("another");
    List<String> rows = screen.rows();
    listener.runFinished(report);

    assertThat(bar).startsWith("find mask 1/2   0% [>");
    assertThat(rows.subList(0, 2))
        .containsExactly("warning: layer without weights: fc.weight", bar);
    int next = rows.size() - 2;
    assertThat(String.join("", rows.subList(2, next))).isEqualTo(nativeLine);
    assertThat(next).isEqualTo(2 + (length + 79) / 80);
    assertThat(rows.get(next)).isEqualTo("warning: another");
    assertThat(rows.get(next + 1)).startsWith("find mask 1/2   0% [>");
    List<String> end = screen.rows();
    assertThat(end.subList(0, next)).isEqualTo(rows.subList(0, next));
    assertThat(end.get(next + 1)).startsWith("VPNs 0.99 seed 7: kept");
  }
}
