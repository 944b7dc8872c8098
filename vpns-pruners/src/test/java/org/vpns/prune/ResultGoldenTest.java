package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.testing.Outcome;

/**
 * Result folders of earlier formats, read for ever. {@code version-1} was written by a VPNs run of
 * 0.1 on the small network, {@code version-2} by {@link #main} from it.
 */
final class ResultGoldenTest {
  @TempDir Path folder;

  private static Path golden(String version) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(ResultGoldenTest.class.getResource("/results/" + version)).toURI());
  }

  @Test
  void version1_isReadForEver() throws Exception {
    Path version1 = golden("version-1");
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = PrunedModel.load(version1, model)) {
      SafeTensors dense = SafeTensors.read(version1.resolve("weights.safetensors"));
      Outcome outcome = Outcome.of(pruned);
      assertThat(outcome.parameters().keySet()).containsExactlyElementsOf(dense.names());
      outcome
          .parameters()
          .forEach((path, bits) -> assertThat(bits).isEqualTo(Outcome.bits(dense.floats(path))));
      // 7 tensors with 5,272 weights at sparsity 0.7: 5272 - floor(3690.4)
      assertThat(pruned.masks().kept()).isEqualTo(1582);
      assertThat(pruned.classNames()).isEqualTo(List.of("ant", "bee", "cat", "dog", "eel"));
      assertThat(pruned.mapping().toArray()).isEqualTo(new int[][] {{0}, {1}, {2}, {13}, {3}});
      assertThat(pruned.prompt().kind()).isEqualTo("pad");
      assertThat(pruned.report().seed()).isEqualTo(7);
    }
  }

  @Test
  void version2_isReadForEver_asTheSameResult() throws Exception {
    try (Model one = FixtureRuns.block();
        Model two = FixtureRuns.block();
        PrunedModel version1 = PrunedModel.load(golden("version-1"), one);
        PrunedModel version2 = PrunedModel.load(golden("version-2"), two)) {
      assertThat(Outcome.of(version2)).isEqualTo(Outcome.of(version1));
    }
  }

  @Test
  void version1_savedAgain_givesTheBytesOfVersion2() throws Exception {
    write(folder.resolve("again"));
    long saved = 0;
    for (String file : new String[] {"weights.safetensors", "masks.vpns", "prompt.safetensors"}) {
      assertThat(folder.resolve("again").resolve(file))
          .hasSameBinaryContentAs(golden("version-2").resolve(file));
      saved += Files.size(golden("version-2").resolve(file));
    }
    // reports tell bytes since; 5,272 - 1,582 weights of 4 bytes are not in the file
    long dense = Files.size(golden("version-2").resolve("weights.safetensors")) + 4 * 3690;
    assertThat(PruneReport.read(folder.resolve("again/report.json")))
        .isEqualTo(
            PruneReport.read(golden("version-2").resolve("report.json")).bytes(dense, saved));
  }

  private static void write(Path target) throws IOException, URISyntaxException {
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = PrunedModel.load(golden("version-1"), model)) {
      pruned.save(target);
    }
  }

  /** Writes the golden folder of the present format into the given folder. */
  public static void main(String[] args) throws Exception {
    Path target = Path.of(args[0]).resolve("version-2");
    write(target);
    Files.deleteIfExists(target.resolve("report.html"));
  }
}
