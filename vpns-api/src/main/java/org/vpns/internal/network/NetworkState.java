package org.vpns.internal.network;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * All parameters and statistics of a network.
 *
 * @param values by path
 * @param module a TorchScript module in its own format; null for blocks of DJL
 */
public record NetworkState(Map<String, float[]> values, byte @Nullable [] module) {
  /**
   * Checks that this is a state of the same network as another.
   *
   * @param name of this one, for the message
   * @throws IllegalArgumentException naming the first parameter that is missing, unknown or of
   *     another size
   */
  public void requireLike(NetworkState own, String name) {
    own.values()
        .forEach(
            (path, expected) -> {
              float[] found = values.get(path);
              if (found == null || found.length != expected.length) {
                throw foreign(
                    name + ", " + path,
                    expected.length + " values",
                    found == null ? "none" : found.length);
              }
            });
    for (String path : values.keySet()) {
      if (!own.values().containsKey(path)) {
        throw foreign(name, "parameters " + own.values().keySet(), path);
      }
    }
    if ((module == null) != (own.module() == null)) {
      throw foreign(name, kind(own), kind(this));
    }
  }

  private static String kind(NetworkState state) {
    return state.module() == null ? "a block of DJL" : "a TorchScript module";
  }

  private static IllegalArgumentException foreign(String where, Object expected, Object found) {
    return Problem.argument(
        "state of another network",
        where,
        expected,
        found,
        "take the state of a model with the same network");
  }
}
