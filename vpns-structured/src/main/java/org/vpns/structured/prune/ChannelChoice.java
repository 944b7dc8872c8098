package org.vpns.structured.prune;

import java.util.List;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/** Which channels of a trained network leave: by scores, by a list of one's own. */
@FunctionalInterface
public interface ChannelChoice {
  /**
   * The units that leave, all of them free, something of each axis left.
   *
   * @param groups of the network
   * @param trained the network as it was trained; its arrays are borrowed, to read
   */
  List<ChannelUnit> leaving(ChannelGroups groups, NetworkValues trained);
}
