package org.vpns.optim;

import org.vpns.Layout;
import org.vpns.Problem;

/**
 * Meets every array that a future depends on, by name; saving reads them, loading writes into them.
 */
public interface StateVisitor {
  /** Entries {@code offset} to {@code offset + length} of a live array. */
  void floats(String name, float[] live, int offset, int length);

  /** Live counters. */
  void counters(String name, long[] live);

  /** A live array in flat order, tensor by tensor: {@code <path>/<name>}. */
  default void flat(String name, Layout layout, float[] live) {
    Problem.given(name, "StateVisitor.flat", "name");
    Problem.given(layout, "StateVisitor.flat", "layout");
    Problem.given(live, "StateVisitor.flat", "live");
    for (int i = 0; i < layout.tensors(); i++) {
      floats(layout.path(i) + "/" + name, live, layout.offset(i), layout.size(i));
    }
  }
}
