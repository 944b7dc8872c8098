package org.vpns.internal.network;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.vpns.Problem;
import org.vpns.ScoringNetwork;

/**
 * A network whose passes are counted, whoever takes the gradient and however: a forward pass that
 * the engine records is recorded for a backward pass, and is counted with one.
 */
record CountedNetwork(ScoringNetwork network, PassCounter passes) implements ScoringNetwork {
  @Override
  public NDManager manager() {
    return network.manager();
  }

  @Override
  public List<NDArray> weights() {
    return network.weights();
  }

  @Override
  public NDArray forward(NDArray input) {
    Problem.given(input, "ScoringNetwork.forward", "input");
    NDArray logits = network.forward(input);
    passes.forward();
    if (isRecorded(logits)) {
      passes.backward(input.getShape().get(0));
    }
    return logits;
  }

  /**
   * Whether a gradient can flow back. An engine cannot be asked, and duplicates have no past; but
   * of an array that it has computed and recorded it refuses to take the flag away.
   */
  static boolean isRecorded(NDArray logits) {
    try (NDArray computed = logits.mul(1)) {
      computed.setRequiresGradient(false);
      return false;
    } catch (EngineException e) {
      return true;
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
