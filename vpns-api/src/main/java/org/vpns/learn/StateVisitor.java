package org.vpns.learn;

/**
 * Meets every array that a learner's future depends on; saving reads them, loading writes into
 * them.
 */
public interface StateVisitor {
  /** A live array. */
  void floats(String name, float[] live);

  /** Live memory outside the heap. */
  void host(String name, HostFloats live);

  /** Live counters. */
  void counters(String name, long[] live);
}
