package com.example.lab;

import java.util.ArrayList;
import java.util.List;
import org.vpns.Layout;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

/** A share of the weights kept is in the first parameter, if it has room; the rest rank as one. */
final class Ramp extends Value<Ramp> implements GroupedAllocation {
  private double share = 0.5;

  /** The first parameter's share of what is kept; default 0.5. */
  Ramp share(double newShare) {
    return with(ramp -> ramp.share = newShare);
  }

  @Override
  public List<TensorGroup> groups(Layout layout, Sparsity sparsity) {
    long budget = sparsity.keep(layout.size());
    long room = layout.size() - layout.size(0);
    long first =
        Math.max(Math.min(layout.size(0), (long) (budget * share)), budget - room);
    List<Integer> others = new ArrayList<>();
    for (int i = 1; i < layout.tensors(); i++) {
      others.add(i);
    }
    return List.of(new TensorGroup(List.of(0), first), new TensorGroup(others, budget - first));
  }

  @Override
  public String describe() {
    return "ramp " + share;
  }
}
