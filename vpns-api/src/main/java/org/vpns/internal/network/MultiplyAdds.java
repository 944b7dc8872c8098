package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;

/** Counts the multiply-adds of networks. Found with {@link ServiceLoader}. */
public interface MultiplyAdds {
  /**
   * Multiply-adds for one image.
   *
   * @param dense with all weights
   * @param kept without those with removed weights
   */
  record Count(long dense, long kept) {}

  /**
   * The count; nothing if this counter does not understand the network. Changes nothing.
   *
   * @param input shape of one network input: (channels, height, width)
   * @param masks what is removed
   */
  Optional<Count> count(Block block, Shape input, MaskSet masks);

  /** What the first counter on the class path that understands the network says, or null. */
  static @Nullable Count of(Network network, Shape input, MaskSet masks) {
    if (!network.isScript()) {
      for (MultiplyAdds counter : ServiceLoader.load(MultiplyAdds.class)) {
        Optional<Count> count = counter.count(network.block(), input, masks);
        if (count.isPresent()) {
          return count.get();
        }
      }
    }
    return null;
  }
}
