package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import com.google.gson.JsonArray;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.vpns.Allocation;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.testing.Fixtures;

/** Masks of the one-shot methods on the small network, against the reference counts. */
class OneShotPrunerTest {
  private static final Sparsity S90 = Sparsity.of(0.9);

  private static MaskSet find(OneShotPruner pruner, long seed) {
    try (Model model = FixtureRuns.block()) {
      return pruner.findMask(model, S90, seed);
    }
  }

  private static List<Integer> counts(MaskSet masks) {
    return masks.asMap().values().stream().map(Mask::kept).toList();
  }

  private static List<Integer> integers(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false).map(e -> e.getAsInt()).toList();
  }

  @Test
  void layerwiseRandom_keepsTheReferenceCounts_whateverTheSeed() {
    for (String name : List.of("er", "erk")) {
      Allocation allocation = name.equals("er") ? Allocations.er() : Allocations.erk();
      OneShotPruner pruner = Pruners.layerwiseRandom(allocation);
      assertThat(pruner.name()).isEqualTo("Random (" + name + ")");
      List<Integer> expected =
          integers(
              Fixtures.baselinesJson()
                  .getAsJsonObject(name)
                  .getAsJsonObject("0.9")
                  .getAsJsonArray("count"));
      MaskSet masks = find(pruner, 1);
      assertThat(counts(masks)).isEqualTo(expected);
      assertThat(find(pruner, 1)).isEqualTo(masks);
      assertThat(counts(find(pruner, 2))).isEqualTo(expected);
      assertThat(find(pruner, 2)).isNotEqualTo(masks);
    }
  }

  /** The counts of the reference's magnitude mask, but not its positions. */
  @Test
  void randomPositions_keepTheCountsOfTheScores() {
    List<Integer> expected =
        integers(
            Fixtures.baselinesJson()
                .getAsJsonObject("omp")
                .getAsJsonObject("layer_kept")
                .getAsJsonArray("0.9"));
    MaskSet magnitude = find(Pruners.magnitude(), 0);
    MaskSet ratio = find(Pruners.magnitude().randomPositions(), 0);
    assertThat(counts(magnitude)).isEqualTo(expected);
    assertThat(counts(ratio)).isEqualTo(expected);
    assertThat(ratio.overlap(magnitude)).isLessThan(0.5); // by chance 0.2 of them meet
  }

  @Test
  void names_sayWhatIsRandom() {
    assertThat(Pruners.magnitude().name()).isEqualTo("OMP");
    assertThat(Pruners.magnitude().randomPositions().name()).isEqualTo("OMP ratio");
  }
}
