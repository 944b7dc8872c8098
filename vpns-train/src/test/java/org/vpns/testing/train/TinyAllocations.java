package org.vpns.testing.train;

import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** Allocations for tests of modules below the pruners, which have their own. */
public final class TinyAllocations {
  private TinyAllocations() {}

  /** All tensors share one budget. */
  public static GroupedAllocation global() {
    return new GroupedAllocation() {
      @Override
      public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
        List<Integer> all = IntStream.range(0, layout.tensors()).boxed().toList();
        return List.of(new TensorGroup(all, sparsity.keep(layout.size())));
      }

      @Override
      public String describe() {
        return "global";
      }
    };
  }
}
