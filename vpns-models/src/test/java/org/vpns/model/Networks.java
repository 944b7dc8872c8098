package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;

/** Blocks of plans, and what is in them. */
final class Networks {
  private Networks() {}

  /**
   * An initialised block whose weights are zeros that share one element, so that the largest
   * network takes no memory. For shapes and names; the manager owns the arrays.
   */
  static Block hollow(NetworkPlan plan, NDManager manager) {
    Block block = plan.block();
    block.setInitializer(
        (owner, shape, type) -> {
          try (NDArray zero = owner.zeros(new Shape(1), type)) {
            return zero.broadcast(shape);
          }
        },
        Parameter.Type.WEIGHT);
    block.initialize(manager, DataType.FLOAT32, plan.inputShape());
    return block;
  }

  /** Names and shapes of all parameters, one {@code name (shape)} each. */
  static List<String> namesAndShapes(NetworkPlan plan) {
    List<String> result = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (NamedParameter p : ParameterPaths.of(hollow(plan, manager))) {
        result.add(p.path() + " " + p.shape());
      }
    }
    return result;
  }

  /** What {@link #namesAndShapes} gives, written down layer by layer. */
  static final class Expected {
    private final List<String> list = new ArrayList<>();

    Expected weight(String layer, int... shape) {
      return add(layer + ".weight", shape);
    }

    Expected weightAndBias(String layer, int... shape) {
      return weight(layer, shape).add(layer + ".bias", shape[0]);
    }

    Expected norm(String layer, int channels) {
      for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
        add(layer + "." + part, channels);
      }
      return this;
    }

    private Expected add(String name, int... shape) {
      long[] dimensions = Arrays.stream(shape).asLongStream().toArray();
      list.add(name + " " + new Shape(dimensions));
      return this;
    }

    List<String> list() {
      return list;
    }
  }

  /**
   * An initialised block with random numbers in every parameter, so that no layer is an identity:
   * weights normal with variance 2 / fan-in, scales and variances of 0.5 to 1.5, all else normal
   * with deviation 0.2. The manager owns the arrays.
   */
  static Block filled(NetworkPlan plan, NDManager manager, long seed) {
    Block block = plan.block();
    block.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
    block.initialize(manager, DataType.FLOAT32, plan.inputShape());
    Seeds seeds = new Seeds(seed);
    for (NamedParameter p : ParameterPaths.of(block)) {
      RandomGenerator random = seeds.stream(p.path());
      double deviation =
          p.parameter().getType() == Parameter.Type.WEIGHT
              ? Math.sqrt(2.0 / p.shape().slice(1).size())
              : 0.2;
      float[] values = new float[(int) p.shape().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (p.parameter().getType()) {
              case GAMMA, RUNNING_VAR -> 0.5f + random.nextFloat();
              default -> (float) (random.nextGaussian() * deviation);
            };
      }
      p.parameter().getArray().set(values);
    }
    return block;
  }

  /** Parameter arrays by path. */
  static Map<String, NDArray> arrays(Block block) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      arrays.put(p.path(), p.parameter().getArray());
    }
    return arrays;
  }
}
