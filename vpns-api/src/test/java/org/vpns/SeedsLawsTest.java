package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SeedsLawsTest {
  @Property
  void stream_dependsOnSeedAndNameAlone(
      @ForAll long seed, @ForAll String name, @ForAll String other) {
    Seeds seeds = new Seeds(seed);
    long first = seeds.stream(name).nextLong();
    RandomGenerator stranger = seeds.stream(other);
    stranger.nextLong();
    stranger.nextInt(5);
    assertThat(seeds.stream(name).nextLong()).isEqualTo(first);
    assertThat(new Seeds(seed).stream(name).nextLong()).isEqualTo(first);
    assertThat(seeds.seed()).isEqualTo(seed);
  }

  @Property
  void permutation_containsEachIndexOnce(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 300) int n) {
    long[] order = new Seeds(seed).permutation("order", n);
    assertThat(order).isEqualTo(new Seeds(seed).permutation("order", n));
    Arrays.sort(order);
    assertThat(order).isEqualTo(LongStream.range(0, n).toArray());
  }
}
