package org.vpns.train;

/**
 * What a run does when a mask leaves no way from the network's input to its output, so that it
 * answers the same for every image. A floor per layer, which keeps masks from it, is an option of
 * allocations.
 */
public enum Collapse {
  /** Tells it in words, at once and in the report, and goes on. The default. */
  WARN,
  /**
   * Stops before anything is trained under the mask; the model is as it was. Asks for a network
   * whose graph can be traced, with vpns-pruners on the class path, and stops at the start if it
   * cannot.
   */
  FAIL
}
