package org.vpns.internal.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a convolution goes through its input. */
class CutsTest {
  private static final Geometry SMALL = Geometry.of(7, 7, new Geometry.Halo(1, 1, 1, 1));

  /** A block of 7 x 7 pixels in 8 or 16 lanes has at most 8 positions: its tile is short. */
  @ParameterizedTest
  @CsvSource({"10, 1", "127, 1", "128, 2", "640, 10"})
  void cuts_ofShortTiles_leaveAnOutput64WeightsEach(double weights, int cuts) {
    // of 4096 planes far more cuts than these would be needed to fit the cache
    assertThat(Cuts.of(SMALL, 4096, 2, 2, weights)).isEqualTo(cuts);
  }

  @ParameterizedTest
  @CsvSource({"1", "16"})
  void cuts_ofAnInputThatFitsTheCache_areOne(int planes) {
    // 16 planes of 6 x 4 vectors of 32 bytes, or of 4 x 4 of 64, are below 24 kB
    assertThat(Cuts.of(SMALL, planes, 2, 2, 144)).isEqualTo(1);
  }
}
