package org.vpns.internal.network;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.Seeds;

/**
 * New random values for a network: weights from N(0, 2 / fan-in), where fan-in is the product of
 * all dimensions but the first (He et al. 2015, "Delving deep into rectifiers"); scales and
 * variances 1, biases, shifts and means 0; what is frozen stays. A weight's stream is {@code
 * fresh/} and its path.
 */
public final class FreshValues {
  private FreshValues() {}

  /**
   * A state of the network with new values, in which frozen parameters have their present ones.
   *
   * @throws IllegalArgumentException for a TorchScript module, whose statistics cannot be set, and
   *     for parameters of an unknown kind
   */
  public static NetworkState of(Network network, Seeds seeds) {
    if (network.isScript()) {
      throw Problem.argument(
          "TorchScript module cannot be initialised",
          "model '" + network.model().getName() + "'",
          "a block of DJL",
          "a module, whose statistics cannot be set",
          "rewind to the state of a module that was saved when it was initialised");
    }
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : network.paths()) {
      if (p.parameter().getArray().getDataType() == DataType.FLOAT32) {
        values.put(
            p.path(),
            network.paths().frozen().contains(p)
                ? p.parameter().getArray().toFloatArray()
                : of(p, seeds.stream("fresh/" + p.path())));
      }
    }
    return new NetworkState(values, null);
  }

  private static float[] of(NamedParameter p, RandomGenerator random) {
    Shape shape = p.parameter().getArray().getShape();
    float[] values = new float[Math.toIntExact(shape.size())];
    Parameter.Type type = p.parameter().getType();
    switch (type) {
      case GAMMA, RUNNING_VAR -> Arrays.fill(values, 1);
      case BETA, BIAS, RUNNING_MEAN -> Arrays.fill(values, 0);
      default -> {
        if (type != Parameter.Type.WEIGHT || shape.dimension() < 2) {
          throw Problem.argument(
              "no rule for new values",
              p.path() + " " + shape,
              "a weight of 2 dimensions or more, a bias, or normalisation",
              type,
              "rewind to the state of a model that was initialised by its own rules");
        }
        double deviation = Math.sqrt(2.0 * shape.get(0) / shape.size());
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (deviation * random.nextGaussian());
        }
      }
    }
    return values;
  }
}
