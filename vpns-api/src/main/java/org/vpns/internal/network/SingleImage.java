package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import org.vpns.NetworkMode;
import org.vpns.ScoringNetwork;

/** Batches of one image, from which batch norm over one pixel has nothing to compute. */
public final class SingleImage {
  private SingleImage() {}

  /**
   * Whether a network refuses a batch of one image in training mode. It is tried on a copy; the
   * network stays as it is.
   *
   * @param input shape of one network input
   */
  public static boolean isRefusedBy(Network network, Shape input) {
    try (ScoringNetwork copy = copy(network)) {
      copy.forward(copy.manager().zeros(new Shape(1).addAll(input)));
      return false;
    } catch (RuntimeException e) {
      return true;
    }
  }

  private static ScoringNetwork copy(Network network) {
    return network.isScript()
        ? new ScriptCopy(network, NetworkMode.TRAIN, i -> network.weight(i).toFloatArray())
        : new BlockCopy(network, NetworkMode.TRAIN, i -> network.weight(i).toFloatArray());
  }
}
