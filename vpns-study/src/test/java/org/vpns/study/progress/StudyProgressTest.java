package org.vpns.study.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.vpns.train.RunListener;

/** Progress over all runs of a study. */
class StudyProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long now;

  private StudyProgress progress(boolean terminal) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new StudyProgress(out, terminal, () -> TimeUnit.SECONDS.toNanos(now));
  }

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static RunListener.Step step(long done) {
    return new RunListener.Step("tune", done, 8, 1.0, 0.5, 0.95, 32);
  }

  @Test
  void progress_onATerminal_drawsBarWithTimeLeftAndALinePerRun() {
    StudyProgress progress = progress(true);
    progress.studyStarted(3, 1, 16);
    progress.runStarted("Dense 0 seed 5", 8);
    now = 20;
    progress.runFinished("Dense 0 seed 5", "Dense is done");
    progress.runStarted("Random 0.95 seed 5", 8).stepFinished(step(4));
    progress.runFailed("Random 0.95 seed 5", new IllegalStateException("loss\nnot finite"));
    progress.studyEnded();

    // 8 steps of the first run and half of the second: 12 of 16.
    assertThat(shown())
        .contains("1 of 3 runs kept from before")
        .contains("2/3 Dense is done")
        .contains("3/3 Random 0.95 seed 5 failed: loss not finite")
        .contains("2/3 Dense 0 seed 5")
        .contains(" left")
        .endsWith("\u001b[2K");
  }

  @Test
  void progress_elsewhere_isALinePerRunAndMinute_withTimeLeft() {
    StudyProgress progress = progress(false);
    progress.studyStarted(2, 0, 16);
    progress.runStarted("Dense 0 seed 5", 8);
    now = 20;
    progress.runFinished("Dense 0 seed 5", "Dense is done");
    RunListener run = progress.runStarted("Random 0.95 seed 5", 8);
    run.stepFinished(step(1));
    now = 60;
    run.stepFinished(step(2));
    now = 90;
    run.stepFinished(step(4));
    progress.runFinished("Random 0.95 seed 5", "Random is done");
    progress.studyEnded();

    // 8 of 16 steps in 20 s, 12 of 16 in 90 s
    assertThat(shown().lines())
        .containsExactly(
            " 1/2 Dense is done; 0:20 left",
            "2/2 Random 0.95 seed 5: 75 % of all, 0:30 left",
            " 2/2 Random is done");
  }

  /** Steps of a checkpoint, or of a stage that another run has made, took no time of this one. */
  @Test
  void timeLeft_whereARunGoesOn_isByTheStepsMadeHere() {
    StudyProgress progress = progress(false);
    progress.studyStarted(2, 0, 16);
    RunListener run = progress.runStarted("a", 8);
    run.stepFinished(step(7));
    now = 60;
    run.stepFinished(step(8));
    progress.runFinished("a", "a is done");
    progress.runStarted("b", 8);
    now = 120;
    progress.runFinished("b", "b is done");
    progress.studyEnded();

    // steps 7 and 8 in 60 s, so eight more in four times that
    assertThat(shown().lines())
        .containsExactly(
            "1/2 a: 50 % of all, 4:00 left", " 1/2 a is done; 4:00 left", " 2/2 b is done");
  }

  /** Whatever a run that failed would have taken, it did not. */
  @Test
  void timeLeft_afterARunThatFailed_isByTheStepsThatWereMade() {
    StudyProgress progress = progress(false);
    progress.studyStarted(3, 0, 24);
    RunListener run = progress.runStarted("a", 8);
    run.stepFinished(step(1));
    now = 10;
    run.stepFinished(step(2));
    progress.runFailed("a", new IllegalStateException("no loss"));
    progress.runStarted("b", 8);
    progress.runFailed("b", new IllegalStateException("no loss"));
    progress.runStarted("c", 8);
    now = 50;
    progress.runFinished("c", "c is done");
    progress.studyEnded();

    // two steps in 10 s: 16 more take 80 s, 8 more 40
    assertThat(shown().lines())
        .containsExactly(
            " 1/3 a failed: no loss; 1:20 left",
            " 2/3 b failed: no loss; 0:40 left",
            " 3/3 c is done");
  }

  /** How long runs of one's own take may be known to nobody. */
  @Test
  void runs_ofNoKnownLength_areShown() {
    StudyProgress progress = progress(false);
    progress.studyStarted(1, 0, 0);
    RunListener run = progress.runStarted("Mine", 0);
    now = 90;
    run.stepFinished(step(2));
    progress.runFinished("Mine", "Mine is done");
    progress.studyEnded();

    assertThat(shown().lines())
        .containsExactly("1/1 Mine: 0 % of all, ? left", " 1/1 Mine is done");
  }

  @Test
  void timeLeft_underATime_isAtMostThat_andOfNoOtherStudy() {
    StudyProgress progress = progress(false);
    progress.timeGiven(Duration.ofSeconds(50));
    progress.studyStarted(3, 0, 800);
    progress.runStarted("a", 8);
    now = 20;
    progress.runFailed("a", new IllegalStateException("no loss"));
    progress.runStarted("b", 8);
    now = 60;
    progress.runFinished("b", "b is done");
    progress.studyEnded();
    progress.studyStarted(2, 0, 16);
    progress.runStarted("c", 8);
    now = 80;
    progress.runFinished("c", "c is done");
    progress.studyEnded();

    // a hundredth of the steps in 20 s; the time is up after 50
    assertThat(shown().lines())
        .containsExactly(
            " 1/3 a failed: no loss; 0:30 left",
            " 2/3 b is done; 0:00 left",
            " 1/2 c is done; 0:20 left");
  }

  @Test
  void timeLeft_onATerminal_isThatOfTheSearchToTheEnd() {
    StudyProgress progress = progress(true);
    progress.timeGiven(Duration.ofSeconds(10));
    progress.studyStarted(2, 0, 16);
    progress.runStarted("a", 8);
    now = 20;
    progress.runFinished("a", "a is done");
    progress.studyEnded();

    // by the steps it would be as long again
    assertThat(shown()).contains("0:00 left").doesNotContain("0:20 left");
  }
}
