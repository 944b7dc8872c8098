package org.vpns.allocate;

import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/**
 * Each parameter keeps {@link Sparsity#keep} of its own weights. Rounding is in favour of keeping,
 * so the total is at least the global one, and exceeds it by less than one weight per parameter.
 */
final class PerLayerAllocation implements GroupedAllocation {
  PerLayerAllocation() {}

  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "GroupedAllocation.groups", "layout");
    Problem.given(sparsity, "GroupedAllocation.groups", "sparsity");
    return IntStream.range(0, layout.tensors())
        .mapToObj(i -> new TensorGroup(List.of(i), sparsity.keep(layout.size(i))))
        .toList();
  }

  @Override
  public String describe() {
    return "per-layer";
  }

  @Override
  public String toString() {
    return describe();
  }
}
