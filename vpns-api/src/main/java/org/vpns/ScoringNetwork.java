package org.vpns;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * The network as a scorer may run and differentiate it: its prunable weights are leaves with
 * gradients, empty at first, and whatever is done with them, the network itself has its weights,
 * statistics and gradient flags when this is closed.
 */
public interface ScoringNetwork extends AutoCloseable {
  /** Owner of the arrays; make sub-managers of it. */
  NDManager manager();

  /** The prunable weights in the layout's order. */
  List<NDArray> weights();

  /**
   * Logits (batch, S), in the mode that was asked for. Counted as a forward pass, and as a backward
   * pass too where the engine records gradients.
   */
  NDArray forward(NDArray input);

  @Override
  void close();
}
