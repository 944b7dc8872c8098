package org.vpns.structured;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;

/**
 * Axes of a network's tensors that hold the same channels, and so are as wide as each other
 * whatever leaves.
 *
 * @param where the first of them, such as {@code conv1.weight[0]}
 * @param length how long they are in the whole network
 * @param places all of them
 * @param positions the units that can leave, and how many positions of each axis go with each
 */
public record ChannelWidth(
    String where, int length, List<Place> places, Map<ChannelUnit, Integer> positions) {
  /** Copies list and map. */
  public ChannelWidth {
    Problem.given(where, "new ChannelWidth", "where");
    places = ImmutableList.copyOf(Problem.givenEach(places, "new ChannelWidth", "places"));
    positions = ImmutableMap.copyOf(Problem.givenEach(positions, "new ChannelWidth", "positions"));
  }

  /**
   * An axis of a tensor of the graph.
   *
   * @param tensor the tensor's number
   * @param axis counted from the front, batch included
   */
  public record Place(int tensor, int axis) {}

  /** Whether nothing stays of them when all units leave that can. */
  public boolean canEmpty() {
    return positions.values().stream().mapToInt(count -> count).sum() == length;
  }
}
