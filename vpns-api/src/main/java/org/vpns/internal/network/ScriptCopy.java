package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.vpns.NamedParameter;
import org.vpns.NetworkMode;
import org.vpns.Problem;
import org.vpns.ScoringNetwork;

/**
 * A TorchScript module, which runs on its own parameters alone: a snapshot of it is taken first and
 * loaded anew at the end, so that weights, statistics and empty gradients come back.
 */
final class ScriptCopy implements ScoringNetwork {
  private final Network network;
  private final NetworkState before;
  private final NDManager manager;

  ScriptCopy(Network network, NetworkMode mode, IntFunction<float[]> values) {
    if (mode == NetworkMode.EVAL) {
      throw Problem.argument(
          "TorchScript module cannot be differentiated in evaluation mode",
          "model '" + network.model().getName() + "'",
          "training mode, or a block of DJL",
          "evaluation mode",
          "score with NetworkMode.TRAIN: the engine records no gradients otherwise");
    }
    ScriptGradients.require(network);
    this.network = network;
    before = network.snapshot();
    manager = network.manager().newSubManager();
    try {
      for (int i = 0; i < network.layout().tensors(); i++) {
        Values.set(network.weight(i), values.apply(i));
        Values.zeroGradient(network.weight(i));
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public List<NDArray> weights() {
    return IntStream.range(0, network.layout().tensors()).mapToObj(network::weight).toList();
  }

  @Override
  public NDArray forward(NDArray input) {
    Problem.given(input, "ScoringNetwork.forward", "input");
    return network.forward(input, true);
  }

  @Override
  public void close() {
    manager.close();
    for (NamedParameter p : network.paths()) {
      NDArray array = p.parameter().getArray();
      if (array.hasGradient()) {
        Values.zeroGradient(array);
      }
    }
    network.restore(before);
  }
}
