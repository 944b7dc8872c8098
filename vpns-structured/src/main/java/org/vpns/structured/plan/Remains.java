package org.vpns.structured.plan;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;

/**
 * What is left of a whole network's groups in the network that has lost channels. Few channels may
 * be coupled otherwise than many, and then are of other groups, or of none.
 */
final class Remains {
  /** Number of a group that the whole network has not. */
  static final int NONE = -1;

  private final ChannelGroups groups;
  private final ChannelGroups whole;

  /** By group: its number in the whole network. */
  private final int[] wholeOf;

  /** By group of the whole network: how many of its units are left. */
  private final int[] left;

  private Remains(ChannelGroups groups, ChannelGroups whole, int[] wholeOf, int[] left) {
    this.groups = groups;
    this.whole = whole;
    this.wholeOf = wholeOf;
    this.left = left;
  }

  /**
   * Of a network.
   *
   * @param groups of what is left
   * @param whole of what it was before; the same if nothing has left
   * @throws IllegalArgumentException if they are of another network
   */
  static Remains of(ChannelGroups groups, ChannelGroups whole) {
    if (groups == whole) { // as for the selection before every step of training
      int[] all = whole.groups().stream().mapToInt(group -> group.units().size()).toArray();
      return new Remains(whole, whole, IntStream.range(0, all.length).toArray(), all);
    }
    Recognition found = new Recognition(groups, whole);
    return new Remains(groups, whole, found.wholeOf, found.left);
  }

  /** What has become of a group of the whole network; of a single channel, no group. */
  List<ChannelGroup> now(int number) {
    return groups.groups().stream().filter(group -> wholeOf[group.number()] == number).toList();
  }

  /** What a group was in the whole network; null if its channels could not leave by themselves. */
  @Nullable ChannelGroup before(int group) {
    return wholeOf[group] == NONE ? null : whole.groups().get(wholeOf[group]);
  }

  /** How many units of a group of the whole network are left. */
  int left(ChannelGroup before) {
    return left[before.number()];
  }

  /** How many have left it. */
  int lost(ChannelGroup before) {
    return before.units().size() - left[before.number()];
  }
}
