package org.vpns.internal.network;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;

/**
 * Describes networks apart from their weights and makes them again: how a result folder is loaded
 * without the class that built its network. Found with {@link java.util.ServiceLoader}.
 *
 * <p>{@code make(describe(block))} computes what the block computes, in both modes, and has the
 * block's parameters: the same dotted paths, in the same order, of the same shapes and kinds.
 */
public interface NetworkProvider {
  /** What its descriptions are, with their version, such as {@code vpns graph 1}. */
  String format();

  /**
   * Whether it makes networks of this format: its own, and earlier versions that it still reads.
   */
  default boolean reads(String format) {
    return format.equals(format());
  }

  /**
   * The network as JSON text, one object at most 64 levels deep, without its weights.
   *
   * @param image shape of one image: (channels, height, width)
   * @throws IllegalArgumentException if the block cannot be described apart from the class that
   *     built it; says why, in the form of {@link org.vpns.Problem}
   */
  String describe(Block block, Shape image);

  /**
   * The network of a description, initialised with any values; gradients as in a new block.
   *
   * @param manager owner of the parameters
   * @param description text from a file, so damaged or hostile perhaps
   * @param stored the values that the network is to have: one of other parameters is refused before
   *     memory is taken for them
   * @throws IOException if it describes no network, or another one
   */
  Block make(NDManager manager, String description, StoredShapes stored) throws IOException;
}
