package org.vpns.internal.run;

/** Hears of batches that are looked at outside training. */
@FunctionalInterface
public interface WorkObserver {
  /**
   * One more batch.
   *
   * @param what is done
   * @param done batches so far
   * @param total batches of this work; 0 = not counted in batches
   */
  void advanced(String what, long done, long total);
}
