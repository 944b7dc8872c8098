package org.vpns.score;

import java.util.random.RandomGenerator;
import org.vpns.Layout;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Seeds;

/** Weights laid out flat, and the streams of a seed. */
public final class FakeContext implements ScoringContext {
  private final Scores weights;
  private final Seeds seeds;

  /** Weights in flat order. */
  public FakeContext(Layout layout, float[] weights, long seed) {
    this.weights = Scores.of(layout, weights);
    this.seeds = new Seeds(seed);
  }

  @Override
  public Layout layout() {
    return weights.layout();
  }

  @Override
  public float[] weights(int index) {
    float[] copy = new float[layout().size(index)];
    System.arraycopy(weights.values(), layout().offset(index), copy, 0, copy.length);
    return copy;
  }

  @Override
  public RandomGenerator random(String name) {
    return seeds.stream(name);
  }
}
