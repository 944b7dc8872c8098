package org.vpns.allocate;

import java.util.Arrays;
import java.util.Map;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * How dense each parameter is to be, decided from shapes alone. {@link Allocations#layerwise} turns
 * it into numbers of weights.
 */
public interface LayerDensities {
  /**
   * Fractions to keep, 0 to 1, in layout order, whose mean weighted by size is the density asked
   * for.
   *
   * @throws IllegalArgumentException if no such densities exist
   */
  double[] of(Layout layout, Sparsity sparsity);

  /** Name and options, such as {@code erk}. */
  String describe();

  /** The same density everywhere: d = 1 - s. */
  static LayerDensities uniform() {
    return new LayerDensities() {
      @Override
      public double[] of(Layout layout, Sparsity sparsity) {
        Problem.given(layout, "LayerDensities.of", "layout");
        Problem.given(sparsity, "LayerDensities.of", "sparsity");
        double[] densities = new double[layout.tensors()];
        Arrays.fill(densities, sparsity.density().doubleValue());
        return densities;
      }

      @Override
      public String describe() {
        return "uniform";
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }

  /** Uniform, but the first convolution dense and the last linear layer at least 20 % dense. */
  static LayerDensities uniformPlus() {
    return new UniformPlusDensities();
  }

  /** Erdos-Renyi: the denser, the fewer inputs and outputs a layer has. */
  static LayerDensities er() {
    return new ErdosRenyiDensities(false);
  }

  /** Erdos-Renyi kernel: {@link #er()} that counts the kernel's extent too. */
  static LayerDensities erk() {
    return new ErdosRenyiDensities(true);
  }

  /** {@link #erk()} with a dense last linear layer: {@code erkPlus(1)}. */
  static LayerDensities erkPlus() {
    return erkPlus(1);
  }

  /**
   * {@link #erk()} with the last linear layer at a density of its own; a network without one has
   * ERK. At high sparsity the head alone may need more than there is: that is an error when the
   * densities are used.
   *
   * @param head density of the last linear layer, 0 to 1
   * @throws IllegalArgumentException if it is none
   */
  static LayerDensities erkPlus(double head) {
    return new ErkPlusDensities(head, false);
  }

  /** {@link #erkPlus(double)} whose head gets the density of the whole where it needs too much. */
  static LayerDensities clampedErkPlus(double head) {
    return new ErkPlusDensities(head, true);
  }

  /**
   * Densities by path.
   *
   * @throws IllegalArgumentException if one is outside [0, 1]; when they are used, if paths do not
   *     match the network's, or the list does not amount to the sparsity asked for
   */
  static LayerDensities given(Map<String, Double> densities) {
    Problem.givenEach(densities, "LayerDensities.given", "densities");
    return new GivenDensities(densities);
  }
}
