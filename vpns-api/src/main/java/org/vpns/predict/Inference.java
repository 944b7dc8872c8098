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

  /**
   * Whichever takes the least time for an image on this machine: the engine, the sparse runtime, or
   * ONNX Runtime, as far as they are there ({@code vpns-runtime}; {@code vpns-onnx} with {@code
   * onnxruntime-engine}). Measured once, when the first predictor is made; the log and the report's
   * provenance, entry {@code inference}, tell the times.
   */
  AUTO
}
