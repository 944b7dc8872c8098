package org.vpns;

import java.util.random.RandomGenerator;

/** What a {@link Scorer} may look at. */
public interface ScoringContext {
  /** The prunable tensors. */
  Layout layout();

  /** A copy of the weights of tensor {@code index}, row-major, pruned entries zero. */
  float[] weights(int index);

  /** A stream of random numbers that depends on the run's seed and the name alone. */
  RandomGenerator random(String name);
}
