package org.vpns.learn;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;

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
      return new FrozenNetwork(
          manager, network.model().getBlock(), new Copies(manager, network), null);
    }
    Model copy = load(module, network.model());
    return new FrozenNetwork(manager, copy.getBlock(), new ParameterStore(manager, false), copy);
  }

  private static Model load(byte[] module, Model of) {
    NDManager owner = of.getNDManager();
    Model copy = Model.newInstance("teacher", owner.getDevice(), owner.getEngine().getEngineName());
    try {
      Path folder = Files.createTempDirectory("vpns");
      Path file = folder.resolve("module.pt");
      try {
        Files.write(file, module);
        copy.load(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException | MalformedModelException e) {
      copy.close();
      throw new IllegalStateException("the module that was just written cannot be read", e);
    }
    return copy;
  }

  /** Hands out copies in place of parameters. */
  private static final class Copies extends ParameterStore {
    private final Map<Parameter, NDArray> copies = new IdentityHashMap<>();

    Copies(NDManager manager, Network network) {
      super(manager, false);
      for (NamedParameter p : network.paths()) {
        NDArray copy = p.parameter().getArray().duplicate();
        copy.attach(manager);
        copy.setRequiresGradient(false);
        copies.put(p.parameter(), copy);
      }
    }

    @Override
    public @Nullable NDArray getValue(
        @Nullable Parameter parameter, Device device, boolean training) {
      return parameter == null ? null : copies.get(parameter);
    }
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
