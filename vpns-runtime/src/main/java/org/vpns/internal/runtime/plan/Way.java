package org.vpns.internal.runtime.plan;

import java.util.Locale;
import org.vpns.internal.runtime.kernel.Geometry;

/**
 * How a convolution is computed: as costs least. The costs are counts of products of vectors, of
 * the dense way, which take as long; their factors were measured on layers of ResNet-18.
 */
enum Way {
  /** The weights that are there, one by one. */
  SPARSE {
    @Override
    double cost(Layer.Kernel k, Geometry g) {
      return 1.5 * Weights.count(k.weight()) * g.blockY() * g.blockX();
    }
  },
  /** All weights, some outputs at once. */
  DENSE {
    @Override
    double cost(Layer.Kernel k, Geometry g) {
      double products = (double) k.weight().length * g.blockY() * g.blockX();
      return k.groups() == 1 ? products : Double.POSITIVE_INFINITY;
    }
  },
  /** All weights, by patches of the input: see {@link Winograd}. */
  WINOGRAD {
    @Override
    double cost(Layer.Kernel k, Geometry g) {
      return Winograd.fits(k) ? Winograd.of(k, g).cost() : Double.POSITIVE_INFINITY;
    }
  };

  /** Of a convolution. */
  static Way of(Layer.Kernel k, Geometry g) {
    Way best = SPARSE;
    for (Way way : values()) {
      best = way.cost(k, g) < best.cost(k, g) ? way : best;
    }
    return best;
  }

  abstract double cost(Layer.Kernel k, Geometry g);

  /** Such as {@code sparse}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
