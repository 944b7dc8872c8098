package org.vpns.allocate;

/**
 * The allocations of this library. Of n weights at sparsity s each keeps exactly n - floor(s n);
 * they differ in what n is counted over.
 */
public final class Allocations {
  private Allocations() {}

  /** One ranking of the weights of all parameters: a parameter may lose more than another. */
  public static GlobalAllocation global() {
    return new GlobalAllocation();
  }

  /** The same sparsity in each parameter. */
  public static PerLayerAllocation perLayer() {
    return new PerLayerAllocation();
  }
}
