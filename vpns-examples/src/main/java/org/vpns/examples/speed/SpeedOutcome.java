package org.vpns.examples.speed;

import java.util.Locale;

/**
 * What a network is after channels or weights have left it.
 *
 * @param way how they left
 * @param channels share of the multiply-adds that left with channels
 * @param sparsity share of the weights removed from what stayed
 * @param seed of the run
 * @param dense accuracy of the whole network
 * @param accuracy in the end
 * @param weights that are left, of those that could leave
 * @param macs multiply-adds with them
 * @param denseMacs multiply-adds of the whole network
 * @param steps gradient steps
 * @param seconds of training
 */
record SpeedOutcome(
    String way,
    String channels,
    String sparsity,
    long seed,
    double dense,
    double accuracy,
    long weights,
    long macs,
    long denseMacs,
    long steps,
    double seconds) {
  /** Of lines that end with {@link SpeedTimes}. */
  static final String HEADINGS =
      "network,way,channels,sparsity,seed,dense,accuracy,weights,macs,dense_macs,"
          + "gradient_steps,seconds,whole_ms,onnx_ms,sparse_ms";

  /** Comma-separated values, without the network's name. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%s,%d,%.6f,%.6f,%d,%d,%d,%d,%.2f",
        way,
        channels,
        sparsity,
        seed,
        dense,
        accuracy,
        weights,
        macs,
        denseMacs,
        steps,
        seconds);
  }
}
