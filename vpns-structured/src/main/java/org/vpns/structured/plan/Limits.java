package org.vpns.structured.plan;

import com.google.common.collect.ImmutableMap;
import org.vpns.Sparsity;

/**
 * What somebody allows to leave groups, in numbers and by names of layers.
 *
 * @param minKeep how many channels of each group stay; 0 for a tenth
 * @param floors the same by layer
 * @param maxRemoved which share of each group leaves at most
 * @param caps the same by layer
 * @param shares which share leaves the groups of a layer
 */
record Limits(
    int minKeep,
    ImmutableMap<String, Integer> floors,
    Sparsity maxRemoved,
    ImmutableMap<String, Sparsity> caps,
    ImmutableMap<String, Sparsity> shares) {
  static final Limits STANDARD =
      new Limits(0, ImmutableMap.of(), Sparsity.of(1), ImmutableMap.of(), ImmutableMap.of());

  Limits minKeep(int channels) {
    return new Limits(channels, floors, maxRemoved, caps, shares);
  }

  Limits minKeep(String layer, int channels) {
    return new Limits(minKeep, added(floors, layer, channels), maxRemoved, caps, shares);
  }

  Limits maxRemoved(Sparsity share) {
    return new Limits(minKeep, floors, share, caps, shares);
  }

  Limits maxRemoved(String layer, Sparsity share) {
    return new Limits(minKeep, floors, maxRemoved, added(caps, layer, share), shares);
  }

  Limits share(String layer, Sparsity share) {
    return new Limits(minKeep, floors, maxRemoved, caps, added(shares, layer, share));
  }

  /** How many stay of a group of so many, if no layer says otherwise. */
  int floor(int channels) {
    return minKeep > 0 ? minKeep : Math.max(1, (channels + 9) / 10);
  }

  /** What is not as by default, each after a comma. */
  String describe() {
    StringBuilder text = new StringBuilder();
    text.append(minKeep > 0 ? ", " + minKeep + " stay of each group" : "");
    floors.forEach((layer, n) -> text.append(", ").append(n).append(" stay of ").append(layer));
    text.append(maxRemoved.density().signum() > 0 ? ", at most " + maxRemoved + " leave each" : "");
    caps.forEach((layer, n) -> text.append(", at most ").append(n).append(" leave ").append(layer));
    shares.forEach((layer, n) -> text.append(", ").append(n).append(" leave ").append(layer));
    return text.toString();
  }

  private static <T> ImmutableMap<String, T> added(
      ImmutableMap<String, T> map, String layer, T value) {
    return ImmutableMap.<String, T>builder().putAll(map).put(layer, value).buildKeepingLast();
  }
}
