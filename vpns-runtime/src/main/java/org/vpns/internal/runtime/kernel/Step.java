package org.vpns.internal.runtime.kernel;

import java.util.List;

/** One piece of a planned network's work; immutable, reads and writes one array of floats. */
@FunctionalInterface
public interface Step {
  /**
   * Does a share of the work. Shares of one step write different places and may run at once.
   *
   * @param a all tensors
   * @param part number of the share, from 0
   * @param parts number of shares
   */
  void run(float[] a, int part, int parts);

  /**
   * What it consists of, mostly itself. Shares of a piece may run at once; the next one begins when
   * all of them are done, so that a step of several pieces is run by itself in one share only.
   */
  default List<Step> pieces() {
    return List.of(this);
  }
}
