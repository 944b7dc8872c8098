package org.vpns.internal.runtime.kernel;

/** One piece of a planned network's work; immutable, reads and writes one array of floats. */
public interface Step {
  /**
   * Does a share of the work. Shares of one step write different places and may run at once.
   *
   * @param a all tensors
   * @param part number of the share, from 0
   * @param parts number of shares
   */
  void run(float[] a, int part, int parts);
}
