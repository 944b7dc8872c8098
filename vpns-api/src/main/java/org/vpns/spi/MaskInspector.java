package org.vpns.spi;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import org.vpns.MaskSet;

/**
 * Looks at a finished mask for what the numbers kept per layer do not show, such as a network that
 * no longer passes anything from its input to its output. Found with {@link
 * java.util.ServiceLoader}; a run asks all inspectors at its end.
 */
public interface MaskInspector {
  /**
   * What a reader of the report should know, one sentence each; empty if there is nothing, or if
   * this inspector does not understand the network. Changes nothing.
   *
   * @param block the network; its prunable parameters are pruned already
   * @param input shape of one network input: (channels, height, width)
   * @param masks what was removed
   */
  List<String> inspect(Block block, Shape input, MaskSet masks);
}
