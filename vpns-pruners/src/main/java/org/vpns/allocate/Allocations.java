package org.vpns.allocate;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.select.GroupedAllocation;

/**
 * The allocations of this library. Of n weights at sparsity s each keeps exactly n - floor(s n),
 * except where it says otherwise ({@link #perLayer()}, {@link #blocks}); they differ in what n is
 * counted over and in what may be removed alone.
 */
public final class Allocations {
  private Allocations() {}

  /** One ranking of the weights of all parameters: a parameter may lose more than another. */
  public static GroupedAllocation global() {
    return new GlobalAllocation();
  }

  /**
   * {@link #global()} with a floor: each parameter keeps at least its {@code weights} best (all, if
   * it has fewer), the other survivors are the best of the rest. The total stays exact. How many a
   * parameter keeps then depends on the scores, so this one is not a {@link GroupedAllocation}.
   *
   * @param weights per parameter, at least 1
   * @throws IllegalArgumentException if it is below 1; when allocating, if the floors of all
   *     parameters exceed the number of weights to keep
   */
  public static Allocation globalWithFloor(int weights) {
    return new FloorAllocation(weights);
  }

  /** The same sparsity in each parameter, each count rounded on its own. */
  public static GroupedAllocation perLayer() {
    return new PerLayerAllocation();
  }

  /** The same density in each parameter, with an exact total: {@link LayerDensities#uniform()}. */
  public static GroupedAllocation uniform() {
    return layerwise(LayerDensities.uniform());
  }

  /** First convolution and last linear layer spared: {@link LayerDensities#uniformPlus()}. */
  public static GroupedAllocation uniformPlus() {
    return layerwise(LayerDensities.uniformPlus());
  }

  /** Erdos-Renyi densities: {@link LayerDensities#er()}. */
  public static GroupedAllocation er() {
    return layerwise(LayerDensities.er());
  }

  /** Erdos-Renyi kernel densities: {@link LayerDensities#erk()}. */
  public static GroupedAllocation erk() {
    return layerwise(LayerDensities.erk());
  }

  /** ERK with a dense last linear layer: {@link LayerDensities#erkPlus()}. */
  public static GroupedAllocation erkPlus() {
    return layerwise(LayerDensities.erkPlus());
  }

  /**
   * Each parameter keeps its own density, whatever its scores are beside those of others. The
   * counts are the shares of all parameters rounded by the largest fraction, so that the total is
   * exact. With random scores this is layer-wise random pruning.
   */
  public static GroupedAllocation layerwise(LayerDensities densities) {
    Problem.given(densities, "Allocations.layerwise", "densities");
    return new LayerwiseAllocation(densities);
  }

  /**
   * Each parameter keeps a given number of weights, by path.
   *
   * @throws IllegalArgumentException when allocating, if paths do not match the network's, a count
   *     is impossible, or their sum is not what the sparsity asks for
   */
  public static Allocation counts(Map<String, Integer> counts) {
    Problem.givenEach(counts, "Allocations.counts", "counts");
    return new FixedCounts(counts);
  }

  /** Each parameter keeps as many weights as these masks keep of it; errors as {@link #counts}. */
  public static Allocation countsOf(MaskSet masks) {
    Problem.given(masks, "Allocations.countsOf", "masks");
    Map<String, Integer> counts = new LinkedHashMap<>();
    masks.asMap().forEach((path, mask) -> counts.put(path, mask.kept()));
    return counts(counts);
  }

  /**
   * N of every M consecutive inputs, the best by score: {@code nOfM(2, 4)} is 2:4.
   *
   * @throws IllegalArgumentException unless {@code 1 <= N <= M}
   */
  public static NOfMAllocation nOfM(int n, int m) {
    return new NOfMAllocation(n, m);
  }

  /**
   * Whole blocks of so many outputs by so many inputs, kernels undivided.
   *
   * @throws IllegalArgumentException unless both are at least 1
   */
  public static Allocation blocks(int outs, int ins) {
    return new BlockAllocation(outs, ins);
  }
}
