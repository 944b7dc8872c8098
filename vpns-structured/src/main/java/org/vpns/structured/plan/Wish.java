package org.vpns.structured.plan;

import org.vpns.structured.ChannelGroup;

/**
 * What was to leave a group.
 *
 * @param asked how many units, before floors and rounding
 * @param note why fewer leave, or none; may be empty
 */
record Wish(int asked, String note) {
  /** Why no channel of a group can leave. */
  static String stays(ChannelGroup group) {
    return "stays: " + group.units().get(0).stays();
  }
}
