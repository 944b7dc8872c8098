package com.example.lab;

import java.util.ArrayList;
import java.util.List;
import org.vpns.Layout;
import org.vpns.Sparsity;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** Half of the weights kept are in the first parameter, or all of it; the rest are ranked as one. */
final class Ramp implements GroupedAllocation {
  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    long budget = sparsity.keep(layout.size());
    long room = layout.size() - layout.size(0);
    long first = Math.max(Math.min(layout.size(0), budget / 2), budget - room);
    List<Integer> others = new ArrayList<>();
    for (int i = 1; i < layout.tensors(); i++) {
      others.add(i);
    }
    return List.of(new TensorGroup(List.of(0), first), new TensorGroup(others, budget - first));
  }

  @Override
  public String describe() {
    return "ramp";
  }
}
