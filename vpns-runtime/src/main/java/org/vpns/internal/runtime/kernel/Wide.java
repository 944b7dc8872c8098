package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this machine. Kernels load and spread numbers by {@code FloatVector}'s own
 * methods: those the compiler always looks into. Into one of ours it does not where it is seldom
 * called, or where much was looked into before, and then vectors are objects.
 */
public final class Wide {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats in a vector. */
  public static final int LANES = FLOATS.length();

  private Wide() {}

  /** A bit for each lane that is not 0. */
  static long bits(int... lanes) {
    long bits = 0;
    for (int l = 0; l < lanes.length; l++) {
      bits |= lanes[l] == 0 ? 0 : 1L << l;
    }
    return bits;
  }

  /** First of a part's items. */
  public static int begin(int items, int part, int parts) {
    return (int) ((long) items * part / parts);
  }
}
