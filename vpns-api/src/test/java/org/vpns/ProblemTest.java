package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.text.Texts;
import org.vpns.io.SafeTensors;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;

/** Names from strangers reach a terminal as text, never as commands to it. */
final class ProblemTest {
  private static final char ESCAPE = 0x1b;
  private static final char BELL = 0x07;
  private static final char CSI = 0x9b;
  private static final char RIGHT_TO_LEFT = 0x202e;

  /** Clears the screen, sets a title, forges a line, turns what follows round. */
  private static final String HOSTILE =
      ESCAPE + "[2J" + ESCAPE + "]0;title" + BELL + CSI + "31m\r\nOK: all is well" + RIGHT_TO_LEFT;

  private static void assertHarmless(String text) {
    assertThat(text.chars().filter(Character::isISOControl)).isEmpty();
    assertThat(text).doesNotContain(Character.toString(RIGHT_TO_LEFT));
  }

  @Test
  void message_ofHostileNames_showsThem() {
    assertThat(Problem.message("w", "a" + ESCAPE + "[2Jb", "x\ny", "p\tq" + CSI, "do"))
        .isEqualTo("w: a\\u001b[2Jb; expected x y, found p q\\u009b; do.");
    assertThat(Problem.visible("grün, 数, a-b_c/d.e")).isEqualTo("grün, 数, a-b_c/d.e");
    assertThat(Problem.visible("a\ud800 \udc00b \ud83d\ude00"))
        .isEqualTo("a\\ud800 \\udc00b \ud83d\ude00");
    assertHarmless(Problem.message(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE));
    assertHarmless(Problem.argument("w", HOSTILE, 1, null, "do").getMessage());
    assertHarmless(Problem.state("w", "there", HOSTILE, HOSTILE, "do").getMessage());
  }

  @Test
  void message_ofLongParts_showsTheirEndsAndLength() {
    String name = "begin" + "x".repeat(10_000_000) + "end";
    String message = Problem.message("w", name, name, name, "do");
    assertThat(message)
        .startsWith("w: begin")
        .contains("x ... (10000008 characters) ... x")
        .endsWith("end; do.")
        .hasSizeLessThan(5_000);
    String shown = "y".repeat(1500);
    assertThat(Problem.message("w", shown, "", "", "do")).contains(shown);
    // no half of a character of two
    assertThat(Problem.message("w", "n".repeat(749) + "\ud83d\ude00".repeat(1000), 1, 2, "do"))
        .contains("n ... (2749 characters) ... \ud83d\ude00");
  }

  @Test
  void message_ofAFileWithHostileNames_showsThem(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.safetensors");
    SafeTensors.builder()
        .metadata(HOSTILE, HOSTILE)
        .putFloats(HOSTILE, new Shape(1), new float[1])
        .write(file);
    SafeTensors read = SafeTensors.read(file);
    assertThatThrownBy(() -> read.longs(HOSTILE))
        .satisfies(failure -> assertHarmless(failure.getMessage()));
    assertThatThrownBy(() -> read.floats("other"))
        .satisfies(failure -> assertHarmless(failure.getMessage()));
    Files.writeString(file, "{\"" + HOSTILE + "\": 1}");
    assertThatThrownBy(() -> SafeTensors.read(file))
        .satisfies(failure -> assertHarmless(failure.getMessage()));
    assertThatThrownBy(() -> PruneReport.read(file))
        .satisfies(failure -> assertHarmless(failure.getMessage()));
  }

  @Test
  void summary_ofARunOfHostileName_hasNoLineOfIts() {
    PruneReport report = SampleReports.minimal(HOSTILE, "0.9", 1, 700, null, 4);
    assertHarmless(report.line());
    assertHarmless(Texts.oneLine(HOSTILE));
    for (String line : report.summary().lines().toList()) {
      assertHarmless(line);
      assertThat(line).doesNotStartWith("OK");
    }
    assertThat(Texts.table(List.of("<name"), List.of(List.of(HOSTILE)))).hasLineCount(3);
  }

  @Test
  void listed_manyOrLongNames_isShort_byHand() {
    List<String> names = List.of("a", "b", "n".repeat(5000));
    assertThat(Problem.listed(names.subList(0, 2), 2)).isEqualTo("a, b");
    assertThat(Problem.listed(names, 2)).isEqualTo("a, b and 1 more");
    String half = "n".repeat(100);
    assertThat(Problem.listed(names, 3))
        .isEqualTo("a, b, " + half + " ... (5000 characters) ... " + half);
  }
}
