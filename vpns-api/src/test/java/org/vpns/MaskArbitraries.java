package org.vpns;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Masks of awkward sizes (none, one, on and beside the borders of a word), built from dense runs,
 * empty runs, single entries and noise.
 */
public final class MaskArbitraries {
  private MaskArbitraries() {}

  /** Sizes of tensors. */
  public static Arbitrary<Integer> sizes() {
    return Arbitraries.oneOf(
        Arbitraries.of(0, 1, 2, 63, 64, 65, 127, 128, 129), Arbitraries.integers().between(0, 300));
  }

  /** Masks of one size. */
  public static Arbitrary<Mask> masks(int size) {
    Arbitrary<List<Integer>> kinds = Arbitraries.integers().between(0, 3).list().ofSize(12);
    Arbitrary<List<Integer>> lengths =
        Arbitraries.oneOf(Arbitraries.of(1, 63, 64, 65), Arbitraries.integers().between(1, 130))
            .list()
            .ofSize(12);
    return Combinators.combine(kinds, lengths, Arbitraries.longs())
        .as((k, l, seed) -> build(size, k, l, seed))
        .withoutEdgeCases();
  }

  private static Mask build(int size, List<Integer> kinds, List<Integer> lengths, long seed) {
    Random noise = new Random(seed);
    boolean[] kept = new boolean[size];
    int i = 0;
    for (int run = 0; i < size; run = (run + 1) % kinds.size()) {
      int end = Math.min(size, i + lengths.get(run));
      int kind = kinds.get(run);
      for (int start = i; i < end; i++) {
        kept[i] = kind == 1 || (kind == 2 && i == start) || (kind == 3 && noise.nextBoolean());
      }
    }
    return Mask.of(new Shape(size), j -> kept[j]);
  }

  /** Pairs of masks of one size. */
  public static Arbitrary<List<Mask>> pairs() {
    return sizes().flatMap(size -> masks(size).list().ofSize(2));
  }

  /** Pairs of sets over the same 0 to 4 parameters. */
  public static Arbitrary<List<MaskSet>> setPairs() {
    return sizes()
        .list()
        .ofMaxSize(4)
        .flatMap(
            sizes -> {
              List<Arbitrary<Mask>> parts = new ArrayList<>();
              for (int i = 0; i < 2 * sizes.size(); i++) {
                parts.add(masks(sizes.get(i % sizes.size())));
              }
              return Combinators.combine(parts)
                  .as(
                      all ->
                          List.of(set(all, 0, sizes.size()), set(all, sizes.size(), sizes.size())));
            });
  }

  private static MaskSet set(List<Mask> all, int start, int count) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      masks.put("layer" + i + ".weight", all.get(start + i));
    }
    return MaskSet.of(masks);
  }
}
