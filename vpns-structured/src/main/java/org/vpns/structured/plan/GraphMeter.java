package org.vpns.structured.plan;

import java.util.List;
import java.util.stream.Stream;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/** Makes the graph anew for every question. */
final class GraphMeter implements CostMeter {
  private final NetworkCost cost;
  private final ChannelGroups groups;
  private final Shrinking shrinking;
  private double now;

  GraphMeter(NetworkCost cost, ChannelGroups groups, Shrinking shrinking) {
    this.cost = cost;
    this.groups = groups;
    this.shrinking = shrinking;
    now = without(List.of());
  }

  private double without(List<ChannelUnit> more) {
    return CostMeter.require(
        cost,
        cost.of(groups.without(Stream.concat(shrinking.gone().stream(), more.stream()).toList())));
  }

  @Override
  public double now() {
    return now;
  }

  @Override
  public double saved(List<ChannelUnit> units) {
    return now - without(units);
  }

  @Override
  public void remove(List<ChannelUnit> units) {
    shrinking.remove(units);
    now = without(List.of());
  }

  @Override
  public boolean related(int group, int other) {
    return true;
  }
}
