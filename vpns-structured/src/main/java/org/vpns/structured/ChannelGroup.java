package org.vpns.structured;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.vpns.Problem;

/**
 * Units along the same axes of weights that make channels: one width of the network, such as a
 * residual stream or the inside of a block.
 *
 * @param number its number among the network's groups, in the order in which they are made
 * @param name the first layer that makes its channels
 * @param units its units
 * @param measured norms that take their mean and variance over its channels, which what leaves
 *     therefore changes: layer and group norms; of one that is written out as arithmetic, its means
 */
public record ChannelGroup(
    int number, String name, List<ChannelUnit> units, List<String> measured) {
  /** Copies the lists. */
  public ChannelGroup {
    Problem.given(name, "new ChannelGroup", "name");
    units = ImmutableList.copyOf(Problem.givenEach(units, "new ChannelGroup", "units"));
    measured = ImmutableList.copyOf(Problem.givenEach(measured, "new ChannelGroup", "measured"));
  }

  /** The units that can leave. */
  public List<ChannelUnit> free() {
    return units.stream().filter(ChannelUnit::isFree).toList();
  }

  /** A line on its size and one on each sort of axes, and why what stays does. */
  @Override
  public String toString() {
    return new GroupText(this).toString();
  }
}
