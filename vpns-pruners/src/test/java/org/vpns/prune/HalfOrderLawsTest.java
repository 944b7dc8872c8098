package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.vpns.Seeds;

/** Two halves of the images, one for each level of BiP. */
final class HalfOrderLawsTest {
  private static Set<Long> images(boolean second, int epoch, int size, long seed) {
    long[] order = new HalfOrder(second).of(epoch, size, new Seeds(seed), "0/" + second);
    assertThat(order).hasSize(size);
    Set<Long> images = new TreeSet<>();
    Arrays.stream(order).forEach(images::add);
    // Nearly every image twice: none is there more than once more often than another.
    for (long image : images) {
      assertThat(Arrays.stream(order).filter(i -> i == image).count()).isBetween(1L, 3L);
    }
    return images;
  }

  @Property(tries = 50)
  void halves_areDisjoint_coverAll_andStayTheSame(
      @ForAll @IntRange(min = 2, max = 60) int size, @ForAll long seed) {
    Set<Long> first = images(false, 0, size, seed);
    Set<Long> second = images(true, 0, size, seed);
    Set<Long> all = new TreeSet<>(first);
    all.addAll(second);
    assertThat(first).hasSize((size + 1) / 2);
    assertThat(second).hasSize(size / 2);
    assertThat(all).hasSize(size);
    assertThat(images(false, 3, size, seed)).isEqualTo(first);
  }

  @Property(tries = 20)
  void half_ofOneImage_isThatImage(@ForAll boolean second, @ForAll long seed) {
    assertThat(images(second, 0, 1, seed)).containsExactly(0L);
  }
}
