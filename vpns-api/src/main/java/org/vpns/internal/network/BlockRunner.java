package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import org.jspecify.annotations.Nullable;

/** Runs networks in evaluation mode otherwise than the engine. Found with ServiceLoader. */
public interface BlockRunner {
  /** What it is called in messages, such as {@code sparse runtime}. */
  String name();

  /** Whether removed weights cost no time there. */
  boolean isSparse();

  /** Why it cannot run anything in this process, and what to do about it; null if it can. */
  @Nullable String missing();

  /**
   * Makes a network ready to run.
   *
   * @param block stays as it is
   * @param image shape of one image: (channels, height, width)
   * @throws IllegalArgumentException if it cannot run this network; says why
   */
  Prepared prepare(Block block, Shape image);

  /** A network that is ready to run. */
  interface Prepared extends AutoCloseable {
    /** Takes and gives what the network's block does; safe for several threads at once. */
    Block block();

    /** How it came about and what it takes. */
    String describe();

    @Override
    void close();
  }
}
