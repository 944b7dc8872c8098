package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

class RunListenerTest {
  private static final String CLEAR = "\r\u001b[2K";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong clock = new AtomicLong();
  private final PruneReport report = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** What the user sees at the end: every line after its last clearing. */
  private List<String> seen() {
    return Arrays.stream(printed().split(System.lineSeparator(), -1))
        .map(line -> line.contains(CLEAR) ? line.substring(line.lastIndexOf(CLEAR) + 5) : line)
        .toList();
  }

  private ConsoleListener listener(int width) {
    return new ConsoleListener(out, true, width, clock::get);
  }

  private void steps(RunListener listener, int from, int to) {
    for (int i = from; i <= to; i++) {
      clock.addAndGet(500_000_000L);
      listener.stepFinished(new Step("tune", i, 100, 1.25, 0.5, 0.99, 32));
    }
  }

  @Test
  void terminal_withoutConsole_isNotAttached() {
    assertThat(Terminal.isAttached() && System.console() == null).isFalse();
  }

  @Test
  void console_terminal_showsStageLossAccuracySparsityRateAndTime() {
    RunListener listener = listener(140);
    listener.runStarted("VPNs 0.99", 100, 0);
    listener.stageStarted(new StageStart("tune", 1, 2, 100));
    steps(listener, 1, 42);
    // Draws the bar as it stands, as the timer does.
    listener.warned("layer without weights: fc.weight");

    assertThat(printed())
        .contains("VPNs 0.99, tune 2/2  42% [=")
        .contains("] 42/100 0:21, 0:29 left 64 images/s loss 1.250 acc 50.0% sparsity 0.9900");
    listener.runFinished(report);
    assertThat(seen()).hasSize(3);
    assertThat(seen().get(0)).isEqualTo("warning: layer without weights: fc.weight");
    assertThat(seen().get(1)).startsWith("VPNs 0.99 seed 7: kept");
    assertThat(seen().get(2)).isEmpty();
  }

  @Test
  void console_terminal_drawsFarLessOftenThanItSteps() {
    RunListener listener = listener(100);
    listener.runStarted("VPNs 0.99", 100_000, 0);
    for (int i = 1; i <= 100_000; i++) {
      listener.stepFinished(new Step("tune", i, 100_000, 1, 0.5, 0.9, 1));
    }
    listener.runFinished(report);
    // 4 a second: even 25 seconds for these 100,000 calls would draw no more than 100 times.
    assertThat(printed().split("%", -1).length).isLessThan(100);
  }

  @Test
  void console_narrowTerminal_neverExceedsTheLine() {
    for (int width : new int[] {1, 10, 20, 40, 60, 80}) {
      bytes.reset();
      RunListener listener = listener(width);
      listener.runStarted("VPNs 0.99", 100, 40);
      listener.stageStarted(new StageStart("find mask", 0, 2, 50));
      steps(listener, 41, 60);
      listener.warned("w");
      listener.runFailed(new RuntimeException("x"));
      for (String drawn : printed().split("[\r\n]|\u001b\\[(2K|999C)")) {
        if (!drawn.startsWith("warning") && !drawn.startsWith("run failed")) {
          assertThat(drawn).hasSizeLessThanOrEqualTo(width);
        }
      }
    }
  }

  @Test
  void all_events_reachEveryListenerInOrder() {
    List<String> heard = new ArrayList<>();
    RunListener both = RunListener.all(recorder("a", heard), recorder("b", heard));
    both.runStarted("r", 1, 0);
    both.workAdvanced(new Work("test images", 1, 1));
    both.stageStarted(new StageStart("s", 0, 1, 1));
    both.stepFinished(new Step("s", 1, 1, 0, 0, 0, 1));
    both.epochFinished("s", new EpochRecord(0, 1, 0, 0, null));
    both.stageFinished(report.stages().get(0));
    both.warned("w");
    both.runFinished(report);
    both.runFailed(new RuntimeException());
    assertThat(heard)
        .containsExactly(
            "a runStarted",
            "b runStarted",
            "a workAdvanced",
            "b workAdvanced",
            "a stageStarted",
            "b stageStarted",
            "a stepFinished",
            "b stepFinished",
            "a epochFinished",
            "b epochFinished",
            "a stageFinished",
            "b stageFinished",
            "a warned",
            "b warned",
            "a runFinished",
            "b runFinished",
            "a runFailed",
            "b runFailed");
  }

  @Test
  void all_listenerThrows_stopsTheRun() {
    List<String> heard = new ArrayList<>();
    RunListener failing =
        new RunListener() {
          @Override
          public void warned(String message) {
            throw new IllegalStateException(message);
          }
        };
    RunListener both = RunListener.all(failing, recorder("b", heard));
    assertThatThrownBy(() -> both.warned("stop")).hasMessage("stop");
    assertThat(heard).isEmpty();
  }

  /** Notes every event by the name of its method. */
  private static RunListener recorder(String name, List<String> heard) {
    return (RunListener)
        Proxy.newProxyInstance(
            RunListener.class.getClassLoader(),
            new Class<?>[] {RunListener.class},
            (proxy, event, arguments) -> {
              heard.add(name + " " + event.getName());
              return null;
            });
  }
}
