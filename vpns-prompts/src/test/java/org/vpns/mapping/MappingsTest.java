package org.vpns.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment;
import org.vpns.LabelAssignment.Reduction;
import org.vpns.LabelMapping;
import org.vpns.LabelMapping.Moment;

class MappingsTest {
  private static final long[][] A = {{5, 5, 0}, {5, 2, 1}, {0, 5, 3}, {1, 0, 3}};
  private static final long[][] B = {
    {9, 9, 2}, {8, 8, 8}, {0, 0, 0}, {0, 7, 0}, {0, 0, 0}, {4, 0, 0}
  };
  private static final long[][] C = {{0, 3}, {0, 0}, {2, 3}, {0, 0}};

  @Test
  void frequency_onWorkedCounts_isTheWorkedMapping() {
    assertThat(frequency(A, 1)).isEqualTo("[[0], [2], [3]]");
    assertThat(frequency(B, 1)).isEqualTo("[[0], [1], [2]]");
    assertThat(frequency(B, 2)).isEqualTo("[[0, 1], [3, 2], [4, 5]]");
    assertThat(frequency(C, 1)).isEqualTo("[[2], [0]]");
    assertThat(frequency(C, 2)).isEqualTo("[[1, 3], [0, 2]]");
  }

  @Test
  void frequency_withAnAbsentClass_givesItTheLowestUnusedSource() {
    long[][] counts = {{2, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 3}};
    assertThat(frequency(counts, 1)).isEqualTo("[[0], [1], [3]]");
  }

  @Test
  void iterative_assignsAsFrequency_andAsksToBeRefreshed() {
    LabelMapping iterative = Mappings.iterative(3);
    assertThat(iterative.assign(context(A, 0)))
        .isEqualTo(Mappings.frequency().assign(context(A, 0)));
    assertThat(iterative.refreshEpochs()).isEqualTo(3);
    assertThat(Mappings.frequency().refreshEpochs()).isZero();
    assertThat(iterative.describe()).isEqualTo("iterative(3)");
  }

  @Test
  void identity_givesEachTargetItsOwnNumber_withoutCounting() {
    assertThat(Mappings.identity().assign(uncounted(5, 3, 0)).toArray())
        .isDeepEqualTo(new int[][] {{0}, {1}, {2}});
    assertThat(Mappings.identity().perTarget(2).assign(uncounted(7, 3, 0)).toArray())
        .isDeepEqualTo(new int[][] {{0, 1}, {2, 3}, {4, 5}});
  }

  @Test
  void random_followsTheStream() {
    LabelAssignment first = Mappings.random().assign(uncounted(1000, 10, 7));
    assertThat(Mappings.random().assign(uncounted(1000, 10, 7))).isEqualTo(first);
    assertThat(Mappings.random().assign(uncounted(1000, 10, 8))).isNotEqualTo(first);
  }

  @Test
  void newHead_demandsAnOutputForEachClass() {
    assertThat(Mappings.newHead().assign(uncounted(3, 3, 0)))
        .isEqualTo(Mappings.identity().assign(uncounted(3, 3, 0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mappings.newHead().assign(uncounted(4, 3, 0)))
        .withMessageContaining("expected 3 outputs, one for each class, found 4");
  }

  @Test
  void options_areCarriedIntoTheAssignment() {
    MappingSpec spec = Mappings.frequency().perTarget(2).reduction(Reduction.MAX).onDense();
    assertThat(spec.moment()).isEqualTo(Moment.DENSE);
    assertThat(Mappings.frequency().moment()).isEqualTo(Moment.STARTING_MASK);
    assertThat(spec.assign(context(B, 0)).reduction()).isEqualTo(Reduction.MAX);
    assertThat(Mappings.frequency().assign(context(B, 0)).reduction()).isEqualTo(Reduction.MEAN);
    assertThat(spec.describe()).isEqualTo("frequency.perTarget(2).reduction(max).onDense()");
  }

  @Test
  void badArguments_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mappings.frequency().perTarget(2).assign(context(A, 0)))
        .withMessage(
            "too few outputs for the label mapping: frequency.perTarget(2); expected at least 2"
                + " for each of 3 classes, found 4 outputs; lower perTarget or use a network with"
                + " more outputs.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mappings.random().assign(uncounted(2, 3, 0)));
    assertThatIllegalArgumentException().isThrownBy(() -> Mappings.iterative(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Mappings.identity().perTarget(0));
    assertThatIllegalStateException()
        .isThrownBy(() -> Mappings.identity().perTarget(2).perTarget(3))
        .withMessageContaining("option set twice");
    LabelMapping.Context short1 =
        LabelMapping.Context.of(4, 3, () -> new long[3][3], new Random(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mappings.frequency().assign(short1))
        .withMessageContaining("counts do not fit");
    long[][] negative = {{0, -1}, {0, 0}};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mappings.frequency().assign(context(negative, 0)));
  }

  /** Counts with many ties and zeros, from which k = 1 and 2 can be assigned. */
  @Provide
  Arbitrary<long[][]> counts() {
    return Arbitraries.integers()
        .between(1, 5)
        .flatMap(
            targets ->
                Arbitraries.longs()
                    .between(0, 3)
                    .array(long[].class)
                    .ofSize(targets)
                    .array(long[][].class)
                    .ofMinSize(2 * targets)
                    .ofMaxSize(2 * targets + 4));
  }

  @Property(tries = 300)
  void frequency_equalsTheGreedyRuleTakenLiterally(@ForAll("counts") long[][] counts) {
    for (int k = 1; k <= 2; k++) {
      assertThat(frequency(counts, k)).isEqualTo(Arrays.deepToString(literal(counts, k)));
    }
  }

  @Property(tries = 100)
  void everyMapping_usesEachSourceAtMostOnce_andGivesEachTargetK(
      @ForAll("counts") long[][] counts) {
    for (MappingSpec spec :
        new MappingSpec[] {
          Mappings.identity(), Mappings.random(), Mappings.frequency(), Mappings.iterative(1)
        }) {
      LabelAssignment assignment = spec.perTarget(2).assign(context(counts, counts.length));
      int[] used = Arrays.stream(assignment.toArray()).flatMapToInt(Arrays::stream).toArray();
      assertThat(assignment.targets()).isEqualTo(counts[0].length);
      assertThat(used).hasSize(2 * counts[0].length).doesNotHaveDuplicates();
      assertThat(IntStream.of(used).allMatch(s -> s >= 0 && s < counts.length)).isTrue();
    }
  }

  /** Where all counts differ no tie is broken, so renaming classes renames the mapping. */
  @Property(tries = 100)
  void frequency_ofDistinctCounts_followsAPermutationOfClasses(@ForAll long seed) {
    Random random = new Random(seed);
    int targets = 1 + random.nextInt(5);
    int sources = 2 * targets + random.nextInt(4);
    Integer[] values = IntStream.range(0, sources * targets).boxed().toArray(Integer[]::new);
    Integer[] renamed = IntStream.range(0, targets).boxed().toArray(Integer[]::new);
    java.util.Collections.shuffle(Arrays.asList(values), random);
    java.util.Collections.shuffle(Arrays.asList(renamed), random);
    long[][] counts = new long[sources][targets];
    long[][] permuted = new long[sources][targets];
    for (int s = 0; s < sources; s++) {
      for (int t = 0; t < targets; t++) {
        counts[s][t] = values[s * targets + t];
        permuted[s][renamed[t]] = counts[s][t];
      }
    }
    int[][] plain = Mappings.frequency().perTarget(2).assign(context(counts, 0)).toArray();
    int[][] moved = Mappings.frequency().perTarget(2).assign(context(permuted, 0)).toArray();
    for (int t = 0; t < targets; t++) {
      assertThat(moved[renamed[t]]).containsExactly(plain[t]);
    }
  }

  /** The definition: scan the whole table for the largest free cell, k T times. */
  private static int[][] literal(long[][] counts, int perTarget) {
    int targets = counts[0].length;
    boolean[] used = new boolean[counts.length];
    int[] filled = new int[targets];
    int[][] assigned = new int[targets][perTarget];
    for (int pick = 0; pick < perTarget * targets; pick++) {
      int bestSource = -1;
      int bestTarget = -1;
      for (int s = 0; s < counts.length; s++) {
        for (int t = 0; t < targets; t++) {
          boolean free = !used[s] && filled[t] < perTarget;
          if (free && (bestSource < 0 || counts[s][t] > counts[bestSource][bestTarget])) {
            bestSource = s;
            bestTarget = t;
          }
        }
      }
      used[bestSource] = true;
      assigned[bestTarget][filled[bestTarget]++] = bestSource;
    }
    return assigned;
  }

  private static String frequency(long[][] counts, int perTarget) {
    return Arrays.deepToString(
        Mappings.frequency().perTarget(perTarget).assign(context(counts, 0)).toArray());
  }

  private static LabelMapping.Context context(long[][] counts, long seed) {
    return LabelMapping.Context.of(counts.length, counts[0].length, () -> counts, new Random(seed));
  }

  private static LabelMapping.Context uncounted(int sources, int targets, long seed) {
    return LabelMapping.Context.of(
        sources,
        targets,
        () -> {
          throw new AssertionError("counts cost a pass over the data and are not needed");
        },
        new Random(seed));
  }
}
