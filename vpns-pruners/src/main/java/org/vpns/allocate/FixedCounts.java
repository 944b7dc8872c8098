package org.vpns.allocate;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** Each parameter keeps a given number of weights; their sum must be what the sparsity says. */
final class FixedCounts implements GroupedAllocation {
  private final ImmutableMap<String, Integer> counts;

  FixedCounts(Map<String, Integer> counts) {
    this.counts = ImmutableMap.copyOf(counts);
  }

  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "GroupedAllocation.groups", "layout");
    Problem.given(sparsity, "GroupedAllocation.groups", "sparsity");
    PerPath.requireSame(layout, counts.keySet(), "counts");
    int[] keep = layout.paths().stream().mapToInt(counts::get).toArray();
    for (int i = 0; i < layout.tensors(); i++) {
      if (keep[i] < 0 || keep[i] > layout.size(i)) {
        throw Problem.argument(
            "count out of range",
            layout.path(i),
            "0 to " + layout.size(i) + " weights to keep",
            keep[i],
            "keep at most as many as there are");
      }
    }
    long total = IntStream.of(keep).asLongStream().sum();
    if (total != sparsity.keep(layout.size())) {
      throw Problem.argument(
          "counts do not amount to the sparsity",
          describe() + " at sparsity " + sparsity,
          sparsity.keep(layout.size()) + " of " + layout.size() + " weights to keep",
          total,
          "ask for Sparsity.removing(" + (layout.size() - total) + ", " + layout.size() + ")");
    }
    return groups(keep);
  }

  /** One group for each parameter. */
  static List<TensorGroup> groups(int[] counts) {
    return IntStream.range(0, counts.length)
        .mapToObj(i -> new TensorGroup(List.of(i), counts[i]))
        .toList();
  }

  @Override
  public String describe() {
    return "counts" + counts;
  }

  @Override
  public String toString() {
    return describe();
  }
}
