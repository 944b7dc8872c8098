package org.vpns.allocate;

import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** All weights compete with one another; {@link Sparsity#keep} of all of them survive. */
final class GlobalAllocation implements GroupedAllocation {
  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "GroupedAllocation.groups", "layout");
    Problem.given(sparsity, "GroupedAllocation.groups", "sparsity");
    List<Integer> all = IntStream.range(0, layout.tensors()).boxed().toList();
    return List.of(new TensorGroup(all, sparsity.keep(layout.size())));
  }

  @Override
  public String describe() {
    return "global";
  }

  @Override
  public String toString() {
    return describe();
  }
}
