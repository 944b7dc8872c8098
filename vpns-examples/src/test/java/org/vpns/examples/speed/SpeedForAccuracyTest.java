package org.vpns.examples.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.SharedData;
import picocli.CommandLine;

class SpeedForAccuracyTest {
  @TempDir Path out;
  private final StringWriter said = new StringWriter();

  private int run(Path data, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--data=" + data);
    all.add("--out=" + out.resolve("study"));
    CommandLine line = SpeedForAccuracy.commandLine();
    line.setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    return line.execute(all.toArray(String[]::new));
  }

  /** The lines without their last columns, the times. */
  private List<String> trained() throws IOException {
    return Files.readAllLines(out.resolve("study/speed-for-accuracy.csv")).stream()
        .map(line -> line.replaceFirst("(,[^,]*){3}$", ""))
        .toList();
  }

  @Test
  void options_thatAreWrong_areTold_beforeAnythingIsWritten() {
    assertThat(run(out, "--networks=resnet21")).isEqualTo(2);
    assertThat(run(out, "--steps=0")).isEqualTo(2);
    assertThat(run(out)).isEqualTo(2);
    assertThat(said.toString())
        .contains("unknown name: --networks; expected [resnet20, resnet56], found 'resnet21'")
        .contains("nothing to train: --steps")
        .contains(out.toString());
    assertThat(out).isEmptyDirectory();
  }

  @Tag("slow") // two warm-ups of the sparse runtime
  @Test
  void trainedNetwork_losesWeightsAndChannels_andTheOutcomesAreKept() throws Exception {
    Path data = SharedData.require("data/cifar10");
    String[] options = {
      "--networks=resnet20", "--sparsities=0.8", "--channels=0.5", "--seeds=1", "--steps=4"
    };
    assertThat(run(data, options)).as(said.toString()).isZero();
    Path table = out.resolve("study/speed-for-accuracy.md");
    String first = Files.readString(table);
    assertThat(first)
        .contains("| weights | 0 | 80 | 1 |")
        .contains("| channels | 50 | 0 | 1 |")
        .contains("| channels and weights | 50 | 80 | 1 |");
    List<String> trained = trained();
    assertThat(trained).hasSize(4);
    assertThat(run(data, options)).isZero();
    assertThat(trained()).isEqualTo(trained);
  }
}
