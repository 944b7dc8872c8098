package org.vpns.allocate;

import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** All weights compete with one another; {@link Sparsity#keep} of all of them survive. */
public final class GlobalAllocation implements GroupedAllocation {
  GlobalAllocation() {}

  /**
   * The same with a floor: each parameter keeps at least its {@code weights} best (all, if it has
   * fewer), the other survivors are the best of the rest. The total stays exact. How many a
   * parameter keeps then depends on the scores, so this one is not a {@link GroupedAllocation}.
   *
   * @param weights per parameter, at least 1
   * @throws IllegalArgumentException if it is below 1; when allocating, if the floors of all
   *     parameters exceed the number of weights to keep
   */
  public Allocation minKeepPerLayer(int weights) {
    return new FloorAllocation(weights);
  }

  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    List<Integer> all = IntStream.range(0, layout.tensors()).boxed().toList();
    return List.of(new TensorGroup(all, sparsity.keep(layout.size())));
  }

  @Override
  public String describe() {
    return "global";
  }
}
