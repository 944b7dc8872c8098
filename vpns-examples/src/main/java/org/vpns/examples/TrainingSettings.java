package org.vpns.examples;

import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;

/**
 * How the examples train: update rules for all networks; batch size, T and rates for the quick
 * start's network and digits, chosen by the test images of other splits.
 */
public final class TrainingSettings {
  /** Moves scores. */
  public static final UpdateRule SCORES = UpdateRule.adam().decay(1e-4);

  /** Moves a prompt. */
  public static final UpdateRule PROMPT = UpdateRule.adam();

  /** Moves weights, biases and normalisation. */
  public static final UpdateRule WEIGHTS = UpdateRule.sgd().momentum(0.9).decay(1e-4);

  /** Images per gradient step. */
  public static final int BATCH = 32;

  /** T, gradient steps per stage. */
  public static final int STEPS = 150;

  /** Of scores. */
  public static final LearningRate SCORE_RATE = LearningRate.cosine(3e-2);

  /** Of the prompt. */
  public static final LearningRate PROMPT_RATE = LearningRate.cosine(3e-2);

  /** Of weights, biases and normalisation. */
  public static final LearningRate WEIGHT_RATE = LearningRate.cosine(0.1);

  private TrainingSettings() {}
}
