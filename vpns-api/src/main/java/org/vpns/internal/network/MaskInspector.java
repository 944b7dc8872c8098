package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.vpns.MaskSet;

/**
 * Looks at a mask for what the numbers kept per layer do not show, such as a network that no longer
 * passes anything from its input to its output. Found with {@link java.util.ServiceLoader}; a run
 * asks all inspectors whenever a mask has become final for a stage.
 */
public interface MaskInspector {
  /**
   * What an inspector saw.
   *
   * @param isCollapsed whether no way from input to output is left
   * @param sentences what a reader of the report should know, one sentence each; empty if there is
   *     nothing
   */
  record Findings(boolean isCollapsed, List<String> sentences) {
    /** Copies the list. */
    public Findings {
      sentences = ImmutableList.copyOf(sentences);
    }
  }

  /**
   * What is to be seen; nothing if this inspector does not understand the network. Changes nothing.
   *
   * @param block the network; its prunable parameters are pruned already
   * @param input shape of one network input: (channels, height, width)
   * @param masks what was removed
   */
  Optional<Findings> inspect(Block block, Shape input, MaskSet masks);
}
