package org.vpns;

import ai.djl.ndarray.types.Shape;

/**
 * Gains of normalised weights, where nothing but names and shapes is known: one number for each
 * slice of another weight of the same layer, as {@code weight_g} beside {@code weight_v}. Such a
 * number is to its slice what a scale of batch norm is to a channel.
 */
final class Gains {
  private Gains() {}

  /** Path of the layer that a parameter belongs to. */
  static String layer(NamedParameter parameter) {
    String path = parameter.path();
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  /** Whether a parameter has one number for each slice, along one axis, of a larger weight. */
  static boolean of(NamedParameter parameter, NamedParameter weight) {
    Shape gain = parameter.shape();
    Shape whole = weight.shape();
    if (gain.dimension() != whole.dimension() || gain.size() == whole.size()) {
      return false;
    }
    int slices = 0;
    for (int axis = 0; axis < gain.dimension(); axis++) {
      if (gain.get(axis) != 1 && gain.get(axis) != whole.get(axis)) {
        return false;
      }
      slices += gain.get(axis) == 1 ? 0 : 1;
    }
    return slices <= 1;
  }
}
