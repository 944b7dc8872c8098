package org.vpns.internal.network;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.jspecify.annotations.Nullable;

/**
 * A network with the values that it had at one moment, in evaluation mode and without gradients. A
 * block of DJL is run as it is, with the values of then in place of its parameters; a TorchScript
 * module is loaded once more.
 */
public final class FrozenNetwork implements AutoCloseable {
  private final NDManager manager;
  private final Block block;
  private final ParameterStore store;
  private final @Nullable Model module;

  private FrozenNetwork(
      NDManager manager, Block block, ParameterStore store, @Nullable Model module) {
    this.manager = manager;
    this.block = block;
    this.store = store;
    this.module = module;
  }

  /** The network's present values; closed by the caller. */
  public static FrozenNetwork of(Network network) {
    NDManager manager = network.manager().newSubManager();
    byte[] module = network.snapshot().module();
    if (module == null) {
      CopyStore copies = new CopyStore(manager);
      network.paths().forEach(p -> copies.copy(p.parameter()));
      return new FrozenNetwork(manager, network.model().getBlock(), copies, null);
    }
    Model copy = ScriptModules.frozen(module, network.model());
    return new FrozenNetwork(manager, copy.getBlock(), new ParameterStore(manager, false), copy);
  }

  /** Logits of a batch; no gradient flows back into the input. */
  public NDArray forward(NDArray input) {
    return block.forward(store, new NDList(input.stopGradient()), false).head();
  }

  @Override
  public void close() {
    manager.close();
    if (module != null) {
      module.close();
    }
  }
}
