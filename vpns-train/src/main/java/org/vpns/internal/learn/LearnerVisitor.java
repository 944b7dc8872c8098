package org.vpns.internal.learn;

import org.vpns.Layout;
import org.vpns.internal.network.HostFloats;
import org.vpns.optim.StateVisitor;

/** Meets learners' memory outside the heap as well. */
public interface LearnerVisitor extends StateVisitor {
  /** Entries {@code offset} to {@code offset + length} of live memory outside the heap. */
  void host(String name, HostFloats live, int offset, int length);

  /** Live memory in flat order, tensor by tensor: {@code <path>/<name>}. */
  default void flat(String name, Layout layout, HostFloats live) {
    for (int i = 0; i < layout.tensors(); i++) {
      host(layout.path(i) + "/" + name, live, layout.offset(i), layout.size(i));
    }
  }
}
