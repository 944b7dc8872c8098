package org.vpns.examples.compare;

import org.vpns.optim.LearningRate;

/**
 * What {@link MethodArms} leaves to the task. Rates fall by a cosine in every stage; update rules
 * are those of the quick start.
 *
 * @param scores of learned scores
 * @param weights of weights, biases and normalisation
 * @param prompt of the prompt, in finding and in tuning
 * @param riglEvery steps from one movement of RigL's mask to the next
 * @param itopEvery the same of ITOP's
 * @param bip BiP's own
 */
public record MethodRates(
    LearningRate scores,
    LearningRate weights,
    LearningRate prompt,
    long riglEvery,
    long itopEvery,
    Bip bip) {

  /**
   * BiP's two levels. An iteration takes two gradient steps; what the joint phase leaves of the 2T
   * steps goes into tuning.
   *
   * @param scores of the upper level
   * @param lower of the lower level, whose weights shrink by rate x gamma in every step as well
   * @param gamma pull towards zero
   * @param jointShare iterations of the joint phase as a fraction of T, above 0, at most 1
   */
  public record Bip(LearningRate scores, LearningRate lower, double gamma, double jointShare) {}
}
