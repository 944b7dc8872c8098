package org.vpns.internal.network;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.ParameterStore;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;

/**
 * A model's block as pruning sees it: forward passes, prunable weights, other trained parameters,
 * and its whole state as plain arrays. Closing it gives the arrays' gradient flags back as they
 * were; the model stays the caller's.
 */
public final class Network implements AutoCloseable {
  private final Model model;
  private final ParameterFilter filter;
  private final NDManager manager;
  private final ParameterStore store;
  private final boolean script;
  private Block block;
  private ParameterPaths paths;
  private Layout layout;
  private NDArray[] weights;
  private Parameter[] parameters;
  private List<NamedParameter> others;
  private final Set<String> frozen;
  private final Map<String, Boolean> gradientFlags = new LinkedHashMap<>();
  private @Nullable Shape seen;
  private Runnable endReloaded = () -> {};

  private Network(Model model, ParameterFilter filter, NDManager manager) {
    this.model = model;
    this.filter = filter;
    this.manager = manager;
    store = new ParameterStore(manager, false);
    block = model.getBlock();
    script = block instanceof SymbolBlock;
    paths = ParameterPaths.of(block);
    frozen =
        paths.frozen().stream().map(NamedParameter::path).collect(Collectors.toUnmodifiableSet());
    layout = paths.prunable(filter);
    weights = new NDArray[layout.tensors()];
    parameters = new Parameter[layout.tensors()];
    others = List.of();
    bind();
  }

  /**
   * Opens the model's block.
   *
   * @throws IllegalArgumentException if it has no prunable parameter, or one that is not float32
   * @throws IllegalStateException if the model has no block or an uninitialised one, or the engine
   *     computes wrongly on this machine ({@link EngineCheck})
   */
  public static Network open(Model model, ParameterFilter filter) {
    Problem.open(model);
    if (model.getBlock() == null || !isInitialized(model.getBlock())) {
      throw Problem.state(
          "network without weights",
          "model '" + model.getName() + "'",
          "an initialised block",
          model.getBlock() == null ? "no block" : "an uninitialised block",
          "set the block and load its weights first");
    }
    Engines.requireOperations(model.getNDManager(), "model '" + model.getName() + "'");
    EngineCheck.require(model.getNDManager());
    NDManager manager = model.getNDManager().newSubManager();
    try {
      return new Network(model, filter, manager);
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private static boolean isInitialized(Block block) {
    return block.getParameters().values().stream().allMatch(Parameter::isInitialized);
  }

  private void bind() {
    paths = ParameterPaths.of(block);
    layout = paths.prunable(filter);
    weights = new NDArray[layout.tensors()];
    parameters = new Parameter[layout.tensors()];
    List<NamedParameter> rest = new ArrayList<>();
    for (NamedParameter p : paths) {
      NDArray array = p.parameter().getArray();
      gradientFlags.putIfAbsent(p.path(), array.hasGradient());
      if (layout.contains(p.path())) {
        if (array.getDataType() != DataType.FLOAT32) {
          throw Problem.argument(
              "parameter of another type",
              p.path(),
              DataType.FLOAT32,
              array.getDataType(),
              "convert the network to float32");
        }
        weights[layout.indexOf(p.path())] = array;
        parameters[layout.indexOf(p.path())] = p.parameter();
      } else if (isTrainable(p)) {
        rest.add(p);
      }
    }
    others = List.copyOf(rest);
  }

  private boolean isTrainable(NamedParameter p) {
    return p.parameter().requiresGradient()
        && !p.isStatistic()
        && !frozen.contains(p.path())
        && p.parameter().getArray().getDataType() == DataType.FLOAT32;
  }

  /** Whether prunable tensor {@code index} is frozen: what is kept of it stays as it is. */
  public boolean isFrozen(int index) {
    return frozen.contains(layout.path(index));
  }

  /** Whether the block is a TorchScript module. */
  public boolean isScript() {
    return script;
  }

  /** The prunable tensors. */
  public Layout layout() {
    return layout;
  }

  /** The model. */
  public Model model() {
    return model;
  }

  /** The parameters' owner; make sub-managers of it. */
  public NDManager manager() {
    return manager;
  }

  /** The store to run blocks with. */
  public ParameterStore store() {
    return store;
  }

  /** The array of prunable tensor {@code index}. */
  public NDArray weight(int index) {
    return weights[index];
  }

  /** A copy of the gradients of all prunable weights, in flat order. */
  public float[] gradients() {
    float[] gradients = new float[layout.size()];
    for (int i = 0; i < weights.length; i++) {
      try (NDArray gradient = weights[i].getGradient()) {
        System.arraycopy(gradient.toFloatArray(), 0, gradients, layout.offset(i), layout.size(i));
      }
    }
    return gradients;
  }

  /** Whether a backward pass has left a number other than 0 in a gradient. */
  public boolean hasGradients() {
    for (NamedParameter p : paths) {
      NDArray array = p.parameter().getArray();
      if (array.hasGradient()) {
        try (NDArray gradient = array.getGradient()) {
          for (float value : gradient.toFloatArray()) {
            if (value != 0) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  /** Trainable parameters that are not prunable: biases and normalisation; none that is frozen. */
  public List<NamedParameter> others() {
    return others;
  }

  /** The prunable parameter {@code index}. */
  public Parameter parameter(int index) {
    return parameters[index];
  }

  /** The block. */
  public Block block() {
    return block;
  }

  /** All parameters and statistics. */
  public ParameterPaths paths() {
    return paths;
  }

  /** Number of trainable values, prunable or not. */
  public long parameters() {
    return layout.size() + others.stream().mapToLong(p -> p.shape().size()).sum();
  }

  /**
   * Logits of a batch.
   *
   * @throws IllegalArgumentException if the network gives anything but one tensor
   */
  public NDArray forward(NDArray input, boolean training) {
    ProcessEnd.pass();
    return Logits.of(this, input, training);
  }

  /**
   * Number of outputs for inputs of the given shape; also brings a TorchScript module into
   * evaluation mode, so that its mode follows the calls from here on.
   *
   * @throws IllegalArgumentException if the network does not take the input, or gives no logits
   */
  public int outputs(Shape input) {
    int outputs = Logits.count(this, input);
    seen = input;
    return outputs;
  }

  /**
   * Sets which arrays get gradients, and makes those zero; all others of the network get none. A
   * TorchScript module keeps them on throughout: its executor remembers for good which parameters
   * had none when it first saw them.
   */
  public void train(Collection<NDArray> arrays) {
    Map<NDArray, Boolean> wanted = new IdentityHashMap<>();
    arrays.forEach(array -> wanted.put(array, true));
    for (NamedParameter p : paths) {
      NDArray array = p.parameter().getArray();
      boolean want = wanted.containsKey(array) || script && isTrainable(p);
      if (array.hasGradient() != want) {
        array.setRequiresGradient(want);
      }
    }
    arrays.forEach(
        array -> {
          if (array.hasGradient()) {
            Values.zeroGradient(array);
          }
        });
  }

  /** The whole state; for a TorchScript module, whose statistics cannot be seen, the module. */
  public NetworkState snapshot() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : paths) {
      if (p.parameter().getArray().getDataType() == DataType.FLOAT32) {
        values.put(p.path(), p.parameter().getArray().toFloatArray());
      }
    }
    return new NetworkState(values, script ? ScriptModules.archive(block) : null);
  }

  /** Brings a state of this network back. */
  public void restore(NetworkState state) {
    for (NamedParameter p : paths) {
      float[] values = state.values().get(p.path());
      if (values != null) {
        overwrite(p, memory -> memory.set(values));
      }
    }
    byte[] module = state.module();
    if (module != null) {
      reload(module);
    }
  }

  /**
   * Replaces the values of one of the parameters, which is float32, by what the action writes; it
   * writes all of them.
   */
  public void overwrite(NamedParameter parameter, Consumer<HostFloats> action) {
    TensorMemory memory = TensorMemory.open(parameter.parameter().getArray());
    action.accept(memory.host());
    memory.flush();
  }

  /**
   * A module's statistics can be set only by loading the module anew, into a block of its own. The
   * caller's own lives as long as the model; one that was loaded here before ends.
   */
  private void reload(byte[] module) {
    giveFlagsBack();
    Runnable end = ScriptModules.load(module, model);
    endReloaded.run();
    endReloaded = end;
    block = model.getBlock();
    for (NamedParameter p : ParameterPaths.of(block)) {
      if (frozen.contains(p.path())) {
        // a module comes with every gradient on
        p.parameter().freeze(true);
      }
    }
    bind();
    if (seen != null) {
      outputs(seen);
    }
  }

  /** SHA-256 over paths, shapes and values: the identity of network and starting weights. */
  public String fingerprint() {
    Hasher hasher = Hashing.sha256().newHasher();
    for (NamedParameter p : paths) {
      hasher.putString(p.path() + p.shape(), StandardCharsets.UTF_8);
      if (p.parameter().getArray().getDataType() == DataType.FLOAT32) {
        for (float value : p.parameter().getArray().toFloatArray()) {
          hasher.putInt(Float.floatToRawIntBits(value));
        }
      }
    }
    return hasher.hash().toString();
  }

  @Override
  public void close() {
    giveFlagsBack();
    manager.close();
  }

  private void giveFlagsBack() {
    for (NamedParameter p : paths) {
      NDArray array = p.parameter().getArray();
      Boolean flag = gradientFlags.get(p.path());
      if (flag != null && !array.isReleased() && array.hasGradient() != flag) {
        array.setRequiresGradient(flag);
      }
    }
  }
}
