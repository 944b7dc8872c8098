package org.vpns.internal.network;

import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.Problem;

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
    return of(network.paths(), p -> p.isStatistic() || network.layout().contains(p.path()));
  }

  private static @Nullable ValueCheck of(
      Iterable<NamedParameter> parameters, Predicate<NamedParameter> finite) {
    for (NamedParameter p : parameters) {
      if (p.parameter().getArray().getDataType() == DataType.FLOAT32) {
        boolean variance = p.parameter().getType() == Parameter.Type.RUNNING_VAR;
        float[] values = p.parameter().getArray().toFloatArray();
        ValueCheck found = of(p.path(), values, finite.test(p), variance);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /**
   * Makes sure that a network that is given is sound.
   *
   * @throws IllegalArgumentException naming the first value that is not
   */
  public static void require(Network network) {
    ValueCheck bad = of(network);
    if (bad != null) {
      throw bad.refused("model '" + network.model().getName() + "', ");
    }
  }

  /**
   * Makes sure that a network of which nothing else is known has numbers, and no negative variance.
   *
   * @throws IllegalArgumentException naming the first value that is not
   */
  public static void requireNumbers(Iterable<NamedParameter> parameters) {
    ValueCheck bad = of(parameters, p -> false);
    if (bad != null) {
      throw bad.refused("");
    }
  }

  private IllegalArgumentException refused(String owner) {
    return Problem.argument(
        what,
        owner + where,
        expected,
        found,
        "load the network from a file that was written when it was sound");
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
