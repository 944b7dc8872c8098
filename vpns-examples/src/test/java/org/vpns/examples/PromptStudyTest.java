package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prompt study on settings of two steps per stage. */
class PromptStudyTest {
  @TempDir Path out;

  @Test
  void settings_haveATableAndAPageEach_andAreNotRunAgain() throws Exception {
    List<PromptStudy.Setting> settings =
        List.of(new PromptStudy.Setting("0.98", 100, 2), new PromptStudy.Setting("0.95", 60, 2));
    String[] options = {"--seeds=1", "--out=" + out};
    StringWriter said = new StringWriter();

    assertThat(
            new PromptStudy(settings)
                .toCommandLine()
                .setOut(new PrintWriter(said))
                .execute(options))
        .isZero();

    String text = Files.readString(out.resolve("comparison.md"));
    assertThat(text)
        .contains("## 0.98, 100 images, 2 steps per stage", "| 0.98 | OMP + prompt |")
        .contains("## 0.95, 60 images, 2 steps per stage", "| 0.95 | HYDRA 2x steps |");
    assertThat(said.toString()).contains(text);
    assertThat(out.resolve("0.98-100-2.html")).exists();
    Path run = out.resolve("runs/0.95-60-2/vpns-0.95-1.json");
    String kept = Files.readString(run);

    assertThat(new PromptStudy(settings).toCommandLine().execute(options)).isZero();

    assertThat(Files.readString(run)).isEqualTo(kept); // the time of another run would differ
    assertThat(Files.readString(out.resolve("comparison.md"))).isEqualTo(text);
  }
}
