package org.vpns.internal.network;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  /**
   * The raw module behind {@code saveParameters} of a TorchScript block: version byte and length.
   */
  private static final int MODULE_HEADER = 9;

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

  private Network(Model model, ParameterFilter filter) {
    this.model = model;
    this.filter = filter;
    manager = model.getNDManager().newSubManager();
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
    if (model.getBlock() == null || !isInitialized(model.getBlock())) {
      throw Problem.state(
          "network without weights",
          "model '" + model.getName() + "'",
          "an initialised block",
          model.getBlock() == null ? "no block" : "an uninitialised block",
          "set the block and load its weights first");
    }
    EngineCheck.require(model.getNDManager());
    return new Network(model, filter);
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

  /**
   * Checks that a TorchScript module was loaded with gradients, one for each tensor.
   *
   * @throws IllegalArgumentException if it was not, or two of its parameters lie on one memory
   *     without being one tensor
   */
  public void requireScriptGradients() {
    for (int i = 0; script && i < layout.tensors(); i++) {
      if (isFrozen(i)) {
        throw Problem.argument(
            "frozen parameter of a TorchScript module cannot be pruned",
            "model '" + model.getName() + "', " + layout.path(i),
            "a parameter with gradient",
            "a frozen one",
            "leave it out of the filter, or call freezeParameters(false) on the module first");
      }
      if (!weights[i].hasGradient()) {
        throw Problem.argument(
            "TorchScript module cannot be trained",
            "model '" + model.getName() + "', " + layout.path(i),
            "a parameter with gradient",
            "one without",
            "load it with model.load(file, null, Map.of(\"trainParam\", \"true\"))");
      }
    }
    for (NamedParameter p : paths) {
      for (NamedParameter other : paths.sharing(p.path())) {
        requireOneGradient(p, other);
      }
    }
  }

  /** Parameters of a DJL block that share hold one array. */
  private void requireOneGradient(NamedParameter p, NamedParameter other) {
    NDArray array = p.parameter().getArray();
    NDArray same = other.parameter().getArray();
    if (array != same && array.hasGradient() && !areOneTensor(array, same)) {
      throw Problem.argument(
          "TorchScript module cannot be trained",
          "model '" + model.getName() + "', " + p.path() + " and " + other.path(),
          "one tensor, or memory of their own",
          "two tensors on one memory, each with a gradient",
          "assign one nn.Parameter to both, or clone one, and save the module again");
    }
  }

  /** Whether two handles, with gradient, are of one tensor: what one is told holds for both. */
  private boolean areOneTensor(NDArray array, NDArray other) {
    try (GradientCollector recording = GradientGate.open(manager)) {
      array.setRequiresGradient(false);
      try {
        return !CountedNetwork.isRecorded(other);
      } finally {
        array.setRequiresGradient(true);
        recording.zeroGradients();
      }
    }
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
    NDList outputs;
    try {
      outputs = block.forward(store, new NDList(input), training);
    } catch (UnsupportedOperationException e) {
      if (script) {
        // the engine's word for what is neither a tensor nor a tuple, list or dictionary of them
        throw severalOutputs("values that are no tensors (" + e.getMessage() + ")");
      }
      throw e;
    }
    if (outputs.size() != 1) {
      List<Shape> shapes = outputs.stream().map(NDArray::getShape).toList();
      outputs.close();
      throw severalOutputs(shapes.size() + " tensors " + shapes);
    }
    return outputs.head();
  }

  /** What no other input would change. */
  private static final class SeveralOutputs extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SeveralOutputs(String message) {
      super(message);
    }
  }

  private SeveralOutputs severalOutputs(String found) {
    return new SeveralOutputs(
        Problem.message(
            "network with several outputs",
            "model '" + model.getName() + "'",
            "one tensor of logits",
            found,
            script
                ? "save a module whose forward returns the logits alone: wrap this one and return"
                    + " net(x)[0], or the name of its logits"
                : "put a block behind it that hands on the logits alone"));
  }

  /**
   * Number of outputs for inputs of the given shape; also brings a TorchScript module into
   * evaluation mode, so that its mode follows the calls from here on.
   *
   * @throws IllegalArgumentException if the network does not take the input, or gives no logits
   */
  public int outputs(Shape input) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray logits = tryForward(scope.zeros(input));
      logits.attach(scope);
      if (logits.getShape().dimension() != 2) {
        throw Problem.argument(
            "network is no classifier",
            "model '" + model.getName() + "', input " + input,
            "logits (batch, classes)",
            logits.getShape(),
            "prune a network that ends in class logits");
      }
      seen = input;
      return Math.toIntExact(logits.getShape().get(1));
    }
  }

  private NDArray tryForward(NDArray input) {
    try {
      return forward(input, false);
    } catch (SeveralOutputs e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalArgumentException(
          Problem.message(
              "input does not fit the network",
              "model '" + model.getName() + "'",
              "inputs " + input.getShape() + " to pass",
              e.getClass().getSimpleName() + " (" + reason + ")",
              "describe the network's input with ImageInput.of(channels, height, width)"),
          e);
    }
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
    return new NetworkState(values, script ? module() : null);
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

  /** The TorchScript archive, or null for a block of DJL. */
  private byte @Nullable [] module() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      block.saveParameters(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] all = bytes.toByteArray();
    byte[] module = new byte[all.length - MODULE_HEADER];
    System.arraycopy(all, MODULE_HEADER, module, 0, module.length);
    return module;
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
