package org.vpns.structured.train;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.vpns.train.Regulariser.Gradients;
import org.vpns.train.Regulariser.Weights;

/** Slices of one kind of all units that can leave. */
final class UnitSlices {
  /** Factors of two units can be added. */
  private static final double LARGEST = 1e38;

  private final ImmutableList<ParameterSlices> parameters;
  private final ImmutableList<Range> groups;
  private final int units;

  /**
   * The units of a group.
   *
   * @param first the first
   * @param end one behind the last
   * @param axes number of axes that the group's slices lie along, M
   */
  record Range(int first, int end, int axes) {}

  UnitSlices(List<ParameterSlices> parameters, List<Range> groups, int units) {
    this.parameters = ImmutableList.copyOf(parameters);
    this.groups = ImmutableList.copyOf(groups);
    this.units = units;
  }

  /** Number of units. */
  int units() {
    return units;
  }

  /** The groups' units. */
  List<Range> groups() {
    return groups;
  }

  /** Whether any of the parameters is trained. */
  boolean move() {
    return parameters.stream().anyMatch(ParameterSlices::moves);
  }

  /** Number of entries of each unit. */
  long[] sizes() {
    long[] sizes = new long[units];
    parameters.forEach(parameter -> parameter.count(sizes));
    return sizes;
  }

  /** Sum of the squares of each unit's entries. */
  double[] squares(Weights weights) {
    double[] sums = new double[units];
    parameters.forEach(parameter -> parameter.addSquares(weights, sums));
    return sums;
  }

  /**
   * The mean over a group's axes of the sum of squares: each unit's score of magnitude with p = 2,
   * as importances of channels have it.
   */
  double[] meanSquares(Weights weights) {
    double[] means = squares(weights);
    for (Range group : groups) {
      for (int unit = group.first(); unit < group.end(); unit++) {
        means[unit] /= group.axes();
      }
    }
    return means;
  }

  /** Adds each entry times its unit's factor to the gradients. */
  void addScaled(Gradients gradients, double[] factors) {
    float[] rounded = new float[factors.length];
    for (int u = 0; u < factors.length; u++) {
      // beyond, weights are so small that floats hardly tell them from zero
      rounded[u] = (float) Math.min(factors[u], LARGEST);
    }
    parameters.forEach(parameter -> parameter.addScaled(gradients, rounded));
  }

  /** Adds each entry's sign times a number to the gradients; of rows alone. */
  void addSigns(Gradients gradients, double times) {
    parameters.forEach(parameter -> parameter.addSigns(gradients, (float) times));
  }

  /**
   * How far each unit lies below the largest of its group, as part of the way from the largest to
   * the least: 0 to 1.
   *
   * @param values one of each unit
   * @param added to the way, so that equal values give 0; if it is 0 they do all the same
   */
  double[] belowLargest(double[] values, double added) {
    double[] below = new double[units];
    for (Range group : groups) {
      double max = Double.NEGATIVE_INFINITY;
      double min = Double.POSITIVE_INFINITY;
      for (int unit = group.first(); unit < group.end(); unit++) {
        max = Math.max(max, values[unit]);
        min = Math.min(min, values[unit]);
      }
      for (int unit = group.first(); unit < group.end() && max > min; unit++) {
        below[unit] = (max - values[unit]) / (max - min + added);
      }
    }
    return below;
  }
}
