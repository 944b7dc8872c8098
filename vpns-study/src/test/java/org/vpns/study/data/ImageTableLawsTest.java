package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.study.data.ImageTableTest.number;
import static org.vpns.study.data.ImageTableTest.numbered;
import static org.vpns.study.data.ImageTableTest.numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ImageTableLawsTest {
  @Property(tries = 200)
  void split_anySeed_isAPartitionThatKeepsLabels(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int size, @ForAll int part) {
    int train = 1 + Math.floorMod(part, size - 1);

    ImageTable.Split split = numbered(size).split(seed, train);

    assertThat(split.train().size()).isEqualTo(train);
    List<Integer> all = new ArrayList<>(numbers(split.train()));
    all.addAll(numbers(split.test()));
    assertThat(all).containsExactlyInAnyOrderElementsOf(IntStream.range(0, size).boxed().toList());
    for (int i = 0; i < train; i++) {
      assertThat(split.train().label(i)).isEqualTo(number(split.train().image(i)) % 2);
    }
  }
}
