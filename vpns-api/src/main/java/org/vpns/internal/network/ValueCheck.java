package org.vpns.internal.network;

import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;

/**
 * A value of a network with which nothing right can be computed.
 *
 * @param what is wrong
 * @param where path and position
 * @param expected instead
 * @param found the value
 */
public record ValueCheck(String what, String where, String expected, float found) {
  /**
   * The first of a network: one that is not a number, an infinite weight or statistic, a negative
   * variance. Other parameters may be infinite, as masks of attention are.
   *
   * @return null if all are sound
   */
  public static @Nullable ValueCheck of(Network network) {
    for (NamedParameter p : network.paths()) {
      if (p.parameter().getArray().getDataType() == DataType.FLOAT32) {
        boolean finite = p.isStatistic() || network.layout().contains(p.path());
        boolean variance = p.parameter().getType() == Parameter.Type.RUNNING_VAR;
        ValueCheck found = of(p.path(), p.parameter().getArray().toFloatArray(), finite, variance);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static @Nullable ValueCheck of(
      String path, float[] values, boolean finite, boolean variance) {
    for (int i = 0; i < values.length; i++) {
      float value = values[i];
      if (Float.isNaN(value) || finite && Float.isInfinite(value)) {
        return new ValueCheck(
            "value is not finite", path + "[" + i + "]", "a finite number", value);
      }
      if (variance && value < 0) {
        return new ValueCheck("variance is negative", path + "[" + i + "]", "0 or more", value);
      }
    }
    return null;
  }
}
