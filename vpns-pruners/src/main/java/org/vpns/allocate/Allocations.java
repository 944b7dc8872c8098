package org.vpns.allocate;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.select.GroupedAllocation;

/**
 * The allocations of this library. Of n weights at sparsity s each keeps exactly n - floor(s n),
 * except where it says otherwise ({@link #perLayer()}, {@link #blocks}); they differ in what n is
 * counted over and in what may be removed alone.
 */
public final class Allocations {
  private Allocations() {}

  /** One ranking of the weights of all parameters: a parameter may lose more than another. */
  public static GlobalAllocation global() {
    return new GlobalAllocation();
  }

  /** The same sparsity in each parameter, each count rounded on its own. */
  public static GroupedAllocation perLayer() {
    return new PerLayerAllocation();
  }

  /** The same density in each parameter, with an exact total: {@link Densities#uniform()}. */
  public static LayerwiseAllocation uniform() {
    return layerwise(Densities.uniform());
  }

  /** First convolution and last linear layer spared: {@link Densities#uniformPlus()}. */
  public static LayerwiseAllocation uniformPlus() {
    return layerwise(Densities.uniformPlus());
  }

  /** Erdos-Renyi densities: {@link Densities#er()}. */
  public static LayerwiseAllocation er() {
    return layerwise(Densities.er());
  }

  /** Erdos-Renyi kernel densities: {@link Densities#erk()}. */
  public static LayerwiseAllocation erk() {
    return layerwise(Densities.erk());
  }

  /** ERK with a dense last linear layer: {@link Densities#erkPlus()}, which has options. */
  public static LayerwiseAllocation erkPlus() {
    return layerwise(Densities.erkPlus());
  }

  /** Each parameter keeps a density of its own. */
  public static LayerwiseAllocation layerwise(LayerDensities densities) {
    return new LayerwiseAllocation(densities);
  }

  /**
   * Each parameter keeps a given number of weights, by path.
   *
   * @throws IllegalArgumentException when allocating, if paths do not match the network's, a count
   *     is impossible, or their sum is not what the sparsity asks for
   */
  public static Allocation counts(Map<String, Integer> counts) {
    return new FixedCounts(counts);
  }

  /** Each parameter keeps as many weights as these masks keep of it; errors as {@link #counts}. */
  public static Allocation countsOf(MaskSet masks) {
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
