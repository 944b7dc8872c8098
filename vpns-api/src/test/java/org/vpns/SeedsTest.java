package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The expected numbers were computed outside the JDK: SHA-256 over the seed (8 bytes, little
 * endian) and the name (UTF-8), its first 8 bytes little endian; then the published recurrence of
 * L64X128MixRandom. They must never change, or old runs could not be repeated.
 */
class SeedsTest {
  @Test
  void bits_ofKnownNames_neverChange() {
    assertThat(new Seeds(0).bits("")).isEqualTo(8794265229978523055L);
    assertThat(new Seeds(7).bits("random-mask/conv1.weight")).isEqualTo(-2075750449832210770L);
    assertThat(new Seeds(-1).bits("größe")).isEqualTo(2152683669300033501L);
  }

  @Test
  void streams_ofKnownNames_neverChange() {
    RandomGenerator longs = new Seeds(7).stream("random-mask/conv1.weight");
    assertThat(new long[] {longs.nextLong(), longs.nextLong(), longs.nextLong()})
        .containsExactly(5732259061570239546L, -1287156413914987500L, -3670109549397665741L);
    RandomGenerator floats = new Seeds(7).stream("random-mask/conv1.weight");
    assertThat(new float[] {floats.nextFloat(), floats.nextFloat(), floats.nextFloat()})
        .containsExactly(0.31074637f, 0.9302231f, 0.8010429f);
    assertThat(new Seeds(0).stream("").nextLong()).isEqualTo(-3981525894364752249L);
  }

  @Test
  void permutations_ofKnownNames_neverChange() {
    assertThat(new Seeds(7).permutation("train/epoch 0", 10))
        .containsExactly(5, 7, 3, 0, 8, 4, 1, 9, 2, 6);
    assertThat(new Seeds(7).permutation("train/epoch 1", 10))
        .containsExactly(4, 5, 2, 9, 1, 0, 6, 7, 8, 3);
  }

  /** 4000 streams, pairwise different: 64 random bits collide with probability 4e-13. */
  @Test
  void streams_ofDifferentNamesAndSeeds_differ() {
    long distinct =
        LongStream.range(0, 40)
            .flatMap(
                seed -> {
                  Seeds seeds = new Seeds(seed);
                  return LongStream.range(0, 100).map(i -> seeds.stream("name " + i).nextLong());
                })
            .distinct()
            .count();
    assertThat(distinct).isEqualTo(4000);
  }

  /**
   * Each of the 6 orders of 3 has probability 1/6. Of 6000 draws the count of one order has
   * standard deviation 29; the bound is 5 of them. The seeds are fixed, so it cannot flicker.
   */
  @Test
  void permutation_overManySeeds_isUniform() {
    int[] counts = new int[27];
    for (long seed = 0; seed < 6000; seed++) {
      long[] order = new Seeds(seed).permutation("order", 3);
      counts[(int) (order[0] * 9 + order[1] * 3 + order[2])]++;
    }
    int[] seen = Arrays.stream(counts).filter(c -> c > 0).toArray();
    assertThat(seen).hasSize(6);
    for (int count : seen) {
      assertThat(count).isBetween(1000 - 145, 1000 + 145);
    }
  }
}
