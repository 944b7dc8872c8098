package org.vpns.latency;

import org.vpns.graph.NetworkValues;

/** What runs networks, so that they can be timed: {@link Latency}. */
public interface NetworkRuntime {
  /** A network that is ready to run. */
  interface Session extends AutoCloseable {
    /** One forward pass over the session's batch, to its end. */
    void run();

    @Override
    void close();
  }

  /**
   * Makes a network ready to run over and over on one batch of images, whose values do not matter.
   *
   * @param network stays as it is, and open, until the session is closed
   * @param batch images in the batch
   */
  Session open(NetworkValues network, int batch);

  /** For the record, such as {@code OnnxRuntime, 1 thread}. */
  String describe();

  /** The default engine, with the threads that it has been given. */
  static NetworkRuntime engine() {
    return new EngineRuntime();
  }
}
