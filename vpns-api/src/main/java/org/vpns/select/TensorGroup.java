package org.vpns.select;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Tensors that share one budget.
 *
 * @param tensors indices into the layout, ascending
 * @param keep number of their entries to keep
 */
public record TensorGroup(List<Integer> tensors, long keep) {
  /** Copies the list. */
  public TensorGroup {
    tensors = ImmutableList.copyOf(tensors);
  }
}
