package org.vpns.model;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.random.RandomGenerator;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;

/**
 * Weights drawn from a normal distribution of variance 2 / fan-in, which keeps the size of the
 * signal through layers with ReLU (He et al., arXiv:1502.01852). Fan-in is the number of inputs of
 * one output: the product of all dimensions but the first.
 */
final class HeInitialisation {
  private HeInitialisation() {}

  static void fill(Block block, long seed) {
    Seeds seeds = new Seeds(seed);
    for (NamedParameter p : ParameterPaths.of(block)) {
      if (p.parameter().getType() == Parameter.Type.WEIGHT) {
        Shape shape = p.shape();
        float[] values = new float[Math.toIntExact(shape.size())];
        double deviation = Math.sqrt(2.0 / shape.slice(1).size());
        RandomGenerator random = seeds.stream("initial " + p.path());
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (random.nextGaussian() * deviation);
        }
        p.parameter().getArray().set(values);
      }
    }
  }
}
