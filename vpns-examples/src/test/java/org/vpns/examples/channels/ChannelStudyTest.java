package org.vpns.examples.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;

/** The study of channels from the command line, two steps long. */
class ChannelStudyTest {
  @TempDir Path out;
  private final StringBuilder said = new StringBuilder();

  private int run(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--out=" + out);
    Said one = Said.of(new ChannelStudy(), all.toArray(String[]::new));
    said.append(one.text());
    return one.code();
  }

  @Test
  void study_startedAgain_runsOnlyWhatIsMissing() throws Exception {
    String[] options = {"--seeds=1", "--shares=0.5", "--steps=2"};
    assertThat(run(options)).as(said.toString()).isZero();
    Path csv = out.resolve("channel-study.csv");
    List<String> rows = Files.readAllLines(csv);
    assertThat(rows).hasSize(5);
    assertThat(rows.get(0)).isEqualTo(ChannelOutcome.HEADINGS);
    assertThat(rows.subList(1, 5))
        .extracting(row -> row.substring(0, row.indexOf(',')))
        .containsExactlyElementsOf(ChannelArms.names());
    assertThat(Files.readString(out.resolve("channel-study.md")))
        .contains("| 0.5 | VPNs on channels | 1 |");
    Files.delete(out.resolve("runs/digits/slim-0.5-1.json"));

    assertThat(run(options)).isZero();

    List<String> again = Files.readAllLines(csv);
    assertThat(again.subList(2, 5)).isEqualTo(rows.subList(2, 5)); // with their times
    assertThat(figures(again.get(1))).isEqualTo(figures(rows.get(1)));
  }

  /** All but the times. */
  private static List<String> figures(String row) {
    return List.of(row.split(",")).subList(0, 10);
  }

  @Test
  void study_inAFolderOfOtherSteps_isRefused() throws Exception {
    Path kept = out.resolve("runs/digits/slim-0.5-1.json");
    Files.createDirectories(kept.getParent());
    Files.writeString(kept, "{\"options\": {\"recipe\": \"Slim\"}}");
    assertThat(run("--seeds=1", "--shares=0.5", "--steps=2")).isEqualTo(1);
    assertThat(said.toString()).startsWith("outcome of another run: " + kept);

    Files.writeString(kept, "{\"options\"");
    assertThat(run("--seeds=1", "--shares=0.5", "--steps=2")).isEqualTo(1);
    assertThat(said.toString()).contains("kept result cannot be read: " + kept);
  }

  @Test
  void options_thatAreWrong_areTold() {
    assertThat(run("--shares=half")).isEqualTo(2);
    assertThat(run("--shares=,")).isEqualTo(2);
    assertThat(run("--steps=0")).isEqualTo(2);
    assertThat(run("--seeds=101")).isEqualTo(2);
    assertThat(run("--sort")).isEqualTo(2);
    assertThat(said.toString())
        .contains("'half'")
        .contains("nothing listed: --shares")
        .contains("nothing to train: --steps")
        .contains("number of seeds out of range: --seeds")
        .contains("'--sort'")
        .contains("Try ChannelStudy --help.");
    assertThat(out).isEmptyDirectory();
  }
}
