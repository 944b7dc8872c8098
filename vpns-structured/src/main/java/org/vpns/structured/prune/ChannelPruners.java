package org.vpns.structured.prune;

import org.vpns.train.Mount;

/** Methods that learn which channels stay. */
public final class ChannelPruners {
  private ChannelPruners() {}

  /** VPNs on channels: scores and a visual prompt learned together; the recipe needs a prompt. */
  public static ChannelPruner vpns() {
    return new ChannelPruner("VPNs on channels", Mount.everywhere());
  }

  /** HYDRA on channels: the same without prompt. */
  public static ChannelPruner hydra() {
    return new ChannelPruner("HYDRA on channels", Mount.in());
  }
}
