package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;

/** N:M patterns and blocks, against groups that are collected by coordinates. */
class PatternLawsTest {
  @Provide
  Arbitrary<Layout> layouts() {
    return RandomNetworks.layouts();
  }

  private static int dimension(Shape shape, int index) {
    return shape.dimension() > index ? (int) shape.get(index) : 1;
  }

  private static int kernel(Shape shape) {
    int size = 1;
    for (int i = 2; i < shape.dimension(); i++) {
      size *= (int) shape.get(i);
    }
    return size;
  }

  /** Entries by (output, place in the kernel, group along the inputs), in order of the inputs. */
  private static Map<String, List<Integer>> groups(Shape shape, int m, boolean flattened) {
    int kernel = kernel(shape);
    Map<String, List<Integer>> groups = new TreeMap<>();
    int entry = 0;
    for (int out = 0; out < dimension(shape, 0); out++) {
      for (int in = 0; in < dimension(shape, 1); in++) {
        for (int place = 0; place < kernel; place++) {
          String group =
              flattened ? out + "/" + (in * kernel + place) / m : out + "/" + place + "/" + in / m;
          groups.computeIfAbsent(group, g -> new ArrayList<>()).add(entry++);
        }
      }
    }
    return groups;
  }

  private static int axis(Shape shape, boolean flattened) {
    return dimension(shape, 1) * (flattened ? kernel(shape) : 1);
  }

  @Property(tries = 300)
  void nOfM_keepsTheBestNOfEachGroup(
      @ForAll("layouts") Layout layout,
      @ForAll @IntRange(min = 1, max = 8) int a,
      @ForAll @IntRange(min = 1, max = 8) int b,
      @ForAll boolean flattened,
      @ForAll boolean shortAxes,
      @ForAll boolean dense,
      @ForAll Random random) {
    int n = Math.min(a, b);
    int m = Math.max(a, b);
    NOfMAllocation allocation = Allocations.nOfM(n, m);
    allocation = flattened ? allocation.flattened() : allocation;
    allocation = shortAxes ? allocation.withShortAxes() : allocation;
    allocation = dense ? allocation.trailing(NOfMAllocation.Trailing.DENSE) : allocation;
    Scores scores = RandomNetworks.scores(layout, random);
    MaskSet masks = allocation.allocate(scores, allocation.sparsity(layout));
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = masks.get(layout.path(i));
      if (axis(mask.shape(), flattened) < m && !shortAxes) {
        assertThat(mask.kept()).isEqualTo(mask.size());
        continue;
      }
      for (List<Integer> group : groups(mask.shape(), m, flattened).values()) {
        int r = group.size();
        long kept = group.stream().filter(mask::isKept).count();
        int share = r == m ? n : dense ? r : (int) Math.ceil((double) n * r / m);
        assertThat(kept).isEqualTo(share);
        assertBest(scores, layout.offset(i), mask, group);
      }
    }
  }

  private static void assertBest(Scores scores, int offset, Mask mask, List<Integer> group) {
    for (int kept : group) {
      for (int removed : group) {
        if (mask.isKept(kept) && !mask.isKept(removed)) {
          float better = scores.get(offset + kept);
          float worse = scores.get(offset + removed);
          assertThat(better > worse || (better == worse && kept < removed)).isTrue();
        }
      }
    }
  }

  /** From the pattern's sparsity on: exact totals, never more than N of M, nested. */
  @Property(tries = 200)
  void nOfM_atRisingSparsities_isExactAndNests(
      @ForAll("layouts") Layout layout,
      @ForAll @IntRange(min = 1, max = 4) int n,
      @ForAll @Size(3) List<@IntRange(max = 1000) Integer> thousandths,
      @ForAll Random random) {
    NOfMAllocation allocation = Allocations.nOfM(n, 4);
    Sparsity pattern = allocation.sparsity(layout);
    TreeSet<Sparsity> rising = new TreeSet<>(List.of(pattern));
    thousandths.stream()
        .map(s -> Sparsity.of(s / 1000.0))
        .filter(s -> s.compareTo(pattern) > 0)
        .forEach(rising::add);
    MaskSet masks = MaskSet.ones(layout);
    for (Sparsity sparsity : rising) {
      MaskSet next =
          allocation.allocateWithin(masks, RandomNetworks.scores(layout, random), sparsity);
      assertThat(next.kept()).isEqualTo(sparsity.keep(layout.size()));
      assertThat(next.isSubsetOf(masks)).isTrue();
      masks = next;
      for (Mask mask : masks.asMap().values()) {
        if (axis(mask.shape(), false) >= 4) {
          for (List<Integer> group : groups(mask.shape(), 4, false).values()) {
            assertThat(group.stream().filter(mask::isKept).count()).isLessThanOrEqualTo(n);
          }
        }
      }
    }
  }

  /** Entries by (block of outputs, block of inputs). */
  private static Map<String, List<Integer>> blocks(Shape shape, int outs, int ins) {
    Map<String, List<Integer>> blocks = new TreeMap<>();
    int entry = 0;
    for (int out = 0; out < dimension(shape, 0); out++) {
      for (int in = 0; in < dimension(shape, 1); in++) {
        for (int place = 0; place < kernel(shape); place++) {
          blocks.computeIfAbsent(out / outs + "/" + in / ins, b -> new ArrayList<>()).add(entry++);
        }
      }
    }
    return blocks;
  }

  @Property(tries = 300)
  void blocks_stayOrGoAsAWhole_nest_andMissTheCountByLessThanABlock(
      @ForAll("layouts") Layout layout,
      @ForAll @IntRange(min = 1, max = 4) int outs,
      @ForAll @IntRange(min = 1, max = 4) int ins,
      @ForAll @Size(3) List<@IntRange(max = 1000) Integer> thousandths,
      @ForAll Random random) {
    MaskSet masks = MaskSet.ones(layout);
    for (int s : new TreeSet<>(thousandths)) {
      Sparsity sparsity = Sparsity.of(s / 1000.0);
      MaskSet next =
          Allocations.blocks(outs, ins)
              .allocateWithin(masks, RandomNetworks.scores(layout, random), sparsity);
      assertThat(next.isSubsetOf(masks)).isTrue();
      int largest = 0;
      for (Mask mask : next.asMap().values()) {
        for (List<Integer> block : blocks(mask.shape(), outs, ins).values()) {
          long kept = block.stream().filter(mask::isKept).count();
          assertThat(kept).isIn(0L, (long) block.size());
          largest = Math.max(largest, block.size());
        }
      }
      long missed = Math.min(masks.kept(), sparsity.keep(layout.size())) - next.kept();
      assertThat(missed).isBetween(0L, Math.max(0L, largest - 1L));
      masks = next;
    }
  }

  /** Blocks of one weight are global pruning. */
  @Property(tries = 100)
  void blocks_ofSingleWeights_areGlobalSelection(
      @ForAll @IntRange(min = 1, max = 30) int outs,
      @ForAll @IntRange(min = 1, max = 9) int ins,
      @ForAll @IntRange(max = 1000) int s,
      @ForAll Random random) {
    Layout layout = Layout.of(Map.of("w", new Shape(outs, ins)));
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) == 0 ? random.nextInt(3) - 1 : (float) random.nextGaussian();
    }
    Scores scores = Scores.of(layout, values);
    Sparsity sparsity = Sparsity.of(s / 1000.0);
    assertThat(Allocations.blocks(1, 1).allocate(scores, sparsity))
        .isEqualTo(Allocations.global().allocate(scores, sparsity));
  }
}
