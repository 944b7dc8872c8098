package org.vpns.examples.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;
import org.vpns.testing.SharedData;

class SpeedForAccuracyTest {
  @TempDir Path out;

  /** The lines without their last columns, the times. */
  private List<String> trained() throws IOException {
    return Files.readAllLines(out.resolve("speed-for-accuracy.csv")).stream()
        .map(line -> line.replaceFirst("(,[^,]*){3}$", ""))
        .toList();
  }

  @Tag("slow") // two warm-ups of the sparse runtime
  @Test
  void trainedNetwork_losesWeightsAndChannels_andTheOutcomesAreKept() throws Exception {
    String[] options = {
      "--data=" + SharedData.require("data/cifar10"),
      "--out=" + out,
      "--networks=resnet20",
      "--sparsities=0.8",
      "--channels=0.5",
      "--seeds=1",
      "--steps=4"
    };
    Said said = Said.of(new SpeedForAccuracy(), options);
    assertThat(said.code()).as(said.text()).isZero();
    assertThat(Files.readString(out.resolve("speed-for-accuracy.md")))
        .contains("| weights | 0 | 80 | 1 |")
        .contains("| channels | 50 | 0 | 1 |")
        .contains("| channels and weights | 50 | 80 | 1 |");
    List<String> trained = trained();
    assertThat(trained).hasSize(4);
    assertThat(Said.of(new SpeedForAccuracy(), options).code()).isZero();
    assertThat(trained()).isEqualTo(trained);
  }
}
