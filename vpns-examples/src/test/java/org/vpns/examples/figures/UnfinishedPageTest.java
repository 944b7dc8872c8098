package org.vpns.examples.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;

/** The page of all claims while runs are missing. */
class UnfinishedPageTest {
  @TempDir Path out;

  /** A damaged checkpoint makes one run of three fail. */
  @Test
  void page_ofWhichARunFailed_saysHowManyThereAre() throws IOException {
    Path checkpoints = Files.createDirectories(out.resolve("checkpoints/few-digits/hydra-0.95-1"));
    Files.write(checkpoints.resolve("checkpoint.safetensors"), new byte[100]);
    Said said =
        Said.of(
            new Reproduce(),
            "--figures=figure-5",
            "--steps=2",
            "--seeds=1",
            "--sparsities=0.95",
            "--out=" + out);

    String soFar = "So far 2 of 3 runs, 1 failed: verdicts and figures are of these.";
    assertThat(said.code()).as(said.text()).isEqualTo(1);
    assertThat(said.text()).contains(soFar);
    assertThat(Files.readString(out.resolve("index.html"))).contains(soFar);
    assertThat(Files.readString(out.resolve("claims.md"))).startsWith(soFar);
    try (Stream<Path> kept = Files.list(out.resolve("runs/few-digits"))) {
      assertThat(kept.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("omp-0.95-1.json", "vpns-0.95-1.json");
    }
  }
}
