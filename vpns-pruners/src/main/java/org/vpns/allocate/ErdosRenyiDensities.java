package org.vpns.allocate;

import ai.djl.ndarray.types.Shape;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * Densities of a random graph between the units of two layers: {@code d_l = min(1, e p_l)} with
 *
 * <pre>
 * ER    p = (c_out + c_in) / (c_out c_in)                  Mocanu et al. 2018
 * ERK   p = (c_out + c_in + k_h + k_w) / (c_out c_in k_h k_w)   Evci et al. 2020, "RigL"
 * e = (r N - sum over D of n) / (sum outside D of p n)
 * </pre>
 *
 * <p>r = 1 - s. D, the dense parameters, starts empty and takes in those with {@code e p > 1} until
 * there are none; e grows with D, so none leaves it. c_in is the stored dimension, already divided
 * by the number of groups.
 */
final class ErdosRenyiDensities implements LayerDensities {
  private final boolean kernel;

  /** With or without the kernel's extent. */
  ErdosRenyiDensities(boolean kernel) {
    this.kernel = kernel;
  }

  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "LayerDensities.of", "layout");
    Problem.given(sparsity, "LayerDensities.of", "sparsity");
    double budget = sparsity.density().doubleValue() * layout.size();
    int[] all = IntStream.range(0, layout.tensors()).toArray();
    double[] densities = new double[layout.tensors()];
    spread(layout, all, budget, densities);
    return densities;
  }

  /** Writes the densities of some parameters, which keep {@code budget} weights together. */
  void spread(Layout layout, int[] tensors, double budget, double[] densities) {
    boolean[] dense = new boolean[layout.tensors()];
    double scale;
    boolean grown;
    do {
      double left = budget;
      double weight = 0;
      for (int i : tensors) {
        left -= dense[i] ? layout.size(i) : 0;
        weight += dense[i] ? 0 : raw(layout.shape(i)) * layout.size(i);
      }
      scale = weight > 0 ? Math.max(0, left) / weight : 0;
      grown = false;
      for (int i : tensors) {
        if (!dense[i] && scale * raw(layout.shape(i)) > 1) {
          dense[i] = true;
          grown = true;
        }
      }
    } while (grown);
    for (int i : tensors) {
      densities[i] = dense[i] ? 1 : scale * raw(layout.shape(i));
    }
  }

  /** The sum of the dimensions over their product; of a single number 1, of no entries 0. */
  private double raw(Shape shape) {
    if (shape.size() == 0) {
      return 0;
    }
    int counted = kernel ? shape.dimension() : Math.min(2, shape.dimension());
    long sum = counted == 0 ? 1 : 0;
    double product = 1;
    for (int i = 0; i < counted; i++) {
      sum += shape.get(i);
      product *= shape.get(i);
    }
    return sum / product;
  }

  @Override
  public String describe() {
    return kernel ? "erk" : "er";
  }

  @Override
  public String toString() {
    return describe();
  }
}
