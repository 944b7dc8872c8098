package org.vpns.predict;

/** What runs a pruned network when it predicts. */
public enum Inference {
  /** The engine that the model belongs to. */
  ENGINE,

  /**
   * The sparse runtime, {@code vpns-runtime} on the class path, where removed weights cost no time.
   * Where it is missing, cannot run in this process, or cannot run the network, the log says so and
   * the engine runs it.
   */
  SPARSE,

  /** The one of both that takes less time for an image on this machine, measured first. */
  AUTO
}
