package org.vpns.structured.prune;

import java.util.List;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/** Which units leave, by their scores. */
interface UnitSelection {
  /**
   * The units that leave.
   *
   * @param scores larger stays
   * @throws IllegalArgumentException if what is asked for is out of reach
   */
  List<ChannelUnit> leaving(ChannelScores scores);

  /** In words. */
  String describe();
}
