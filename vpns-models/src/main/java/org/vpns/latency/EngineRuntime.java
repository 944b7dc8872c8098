package org.vpns.latency;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.ParameterStore;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphTensor;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.Engines;

/** Networks as blocks of the default engine. */
final class EngineRuntime implements NetworkRuntime {
  @Override
  public Session open(NetworkValues network, int batch) {
    Problem.given(network, "NetworkRuntime.open", "network");
    NDManager manager = Engines.newManager("latency");
    try {
      GraphBlock block = GraphBlock.of(network, manager);
      block.freezeParameters(true); // or the engine notes each pass for a gradient
      NDList images = new NDList();
      for (int input : network.graph().inputs()) {
        GraphTensor tensor = network.graph().tensor(input);
        images.add(manager.ones(tensor.shape(batch), tensor.type()));
      }
      block.forward(new ParameterStore(manager, false), images, false); // makes what it keeps
      return new Running(manager, block, images);
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private record Running(NDManager manager, GraphBlock block, NDList images) implements Session {
    @Override
    public void run() {
      try (NDScope arrays = new NDScope()) {
        arrays.suppressNotUsedWarning();
        // reading the result waits for it, wherever it is made
        block.forward(new ParameterStore(manager, false), images, false).head().toByteBuffer();
      }
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  @Override
  public String describe() {
    return Engine.getInstance().getEngineName();
  }

  @Override
  public String toString() {
    return describe();
  }
}
