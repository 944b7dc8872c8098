package org.vpns.torch;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.vpns.io.TensorType;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.Global;
import org.vpns.torch.Pickled.Ignored;
import org.vpns.torch.Pickled.Left;
import org.vpns.torch.Pickled.None;
import org.vpns.torch.Pickled.PyList;
import org.vpns.torch.Pickled.Scripted;
import org.vpns.torch.Pickled.Tuple;

/**
 * The objects of which weights consist: storages, tensors, parameters, ordered dictionaries, and
 * the modules of a TorchScript archive. Every other class or function is refused by name.
 */
final class TorchObjects implements PickleMachine.Objects {
  static final String WEIGHTS_ONLY = "save the weights alone: torch.save(model.state_dict(), file)";

  static final String ARRAYS =
      "save tensors in place of NumPy arrays: torch.save({name: torch.from_numpy(array) for name,"
          + " array in arrays.items()}, other)";

  private static final String DEFAULT_DICT = "collections.defaultdict";

  private static final ImmutableMap<String, TensorType> STORAGES =
      ImmutableMap.<String, TensorType>builder()
          .put("torch.DoubleStorage", TensorType.F64)
          .put("torch.FloatStorage", TensorType.F32)
          .put("torch.HalfStorage", TensorType.F16)
          .put("torch.BFloat16Storage", TensorType.BF16)
          .put("torch.LongStorage", TensorType.I64)
          .put("torch.IntStorage", TensorType.I32)
          .put("torch.ShortStorage", TensorType.I16)
          .put("torch.CharStorage", TensorType.I8)
          .put("torch.ByteStorage", TensorType.U8)
          .put("torch.BoolStorage", TensorType.BOOL)
          .buildOrThrow();

  private static final Set<String> FUNCTIONS =
      Set.of(
          "collections.OrderedDict",
          DEFAULT_DICT,
          "torch.Size",
          "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state");

  private static final Set<String> SCRIPT_FUNCTIONS =
      Set.of(
          "torch.jit._pickle.build_intlist",
          "torch.jit._pickle.build_boollist",
          "torch.jit._pickle.build_doublelist",
          "torch.jit._pickle.build_tensorlist",
          "torch.jit._pickle.restore_type_tag");

  private final boolean script;
  private final Ignoring ignored;
  private final long budget;
  private final long maxItems;
  private final Map<String, Storage> storages = new HashMap<>();
  private long gathered;
  private long items;

  /**
   * Objects of one file.
   *
   * @param script whether the file is a TorchScript archive
   * @param ignored further classes and functions that may be named, whose objects are dropped
   * @param budget bytes that all tensors together may take once they are gathered
   * @param maxItems entries that ordered dictionaries may copy from lists
   */
  TorchObjects(boolean script, Ignoring ignored, long budget, long maxItems) {
    this.script = script;
    this.ignored = ignored;
    this.budget = budget;
    this.maxItems = maxItems;
  }

  /** All storages that were named, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  @Override
  public Object global(Global global) throws Refusal {
    String name = global.toString();
    if (name.equals(DEFAULT_DICT) && ignored.named(global)) {
      return new Ignored(global);
    }
    if (STORAGES.containsKey(name)
        || FUNCTIONS.contains(name)
        || (script && (SCRIPT_FUNCTIONS.contains(name) || name.startsWith("__torch__.")))) {
      return global;
    }
    if (ignored.covers(global)) {
      return new Ignored(global);
    }
    throw new Refusal(
            "class or function not allowed", "what weights consist of", name, instead(name))
        .because(Refusal.Reason.NAME);
  }

  /** Whether a name is that of what arrays of NumPy are made with. */
  static boolean isArray(String name) {
    return name.startsWith("numpy.") && name.endsWith("._reconstruct");
  }

  /** What to save in place of something that is no plain weight. */
  private static String instead(String name) {
    if (isArray(name)) {
      return ARRAYS;
    }
    if (name.equals("torch._tensor._rebuild_from_type_v2")) {
      return "save plain tensors in place of those of another class:"
          + " tensor.as_subclass(torch.Tensor)";
    }
    if (name.startsWith("torch._utils._rebuild_meta_")) {
      return "give the network its values before it is saved: tensors on the meta device have none";
    }
    if (name.startsWith("torch.Complex")) {
      return "save torch.view_as_real(tensor) in place of complex tensors";
    }
    if (name.startsWith("torch._utils._rebuild_")
        || name.startsWith("torch._tensor.")
        || (name.startsWith("torch.") && name.endsWith("Storage"))) {
      return "save plain tensors of type float32: tensor.dequantize(), tensor.to_dense() or"
          + " tensor.float()";
    }
    return WEIGHTS_ONLY;
  }

  /** Sets hold no tensors that anything could name. */
  @Override
  public Object set(List<Object> members) {
    return new Ignored(new Global("builtins", "set"));
  }

  @Override
  public Object persistent(Object id) throws Refusal {
    if (id instanceof Tuple module
        && module.items().size() == 4
        && module.items().get(0).equals("module")
        && module.items().get(1) instanceof Ignored type) {
      return type; // a class with its source, as files of whole networks once had it
    }
    if (!(id instanceof Tuple tuple)
        || tuple.items().size() < 5
        || tuple.items().size() > 6
        || !tuple.items().get(0).equals("storage")
        || !(tuple.items().get(2) instanceof String key)
        || !(tuple.items().get(3) instanceof String)
        || !(tuple.items().get(4) instanceof Long count)) {
      throw new Refusal(
          "bad storage", "('storage', type, key, location, count)", Pickled.describe(id));
    }
    if (tuple.items().size() == 6 && tuple.items().get(5) != None.NONE) {
      throw new Refusal(
          "storage that is a part of another",
          "None as sixth field",
          Pickled.describe(tuple.items().get(5)),
          "save the file again with a current PyTorch");
    }
    Object named = tuple.items().get(1);
    if (named instanceof Ignored type) {
      return new Left(type);
    }
    TensorType type = named instanceof Global global ? STORAGES.get(global.toString()) : null;
    if (type == null) {
      throw new Refusal("bad storage type", STORAGES.keySet(), Pickled.describe(named));
    }
    if (key.isEmpty() || key.length() > 30 || !key.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new Refusal("bad storage key", "1 to 30 digits", Pickled.describe(key));
    }
    if (count < 0) {
      throw new Refusal("negative count of a storage", "0 or more", count);
    }
    Storage storage = new Storage(key, type, count);
    Storage known = storages.putIfAbsent(key, storage);
    if (known != null && !known.equals(storage)) {
      throw new Refusal(
          "storage named in two ways",
          known.count() + " of " + known.type(),
          count + " of " + type);
    }
    return storage;
  }

  @Override
  public Object call(Object function, List<Object> arguments) throws Refusal {
    if (function instanceof Ignored) {
      return function;
    }
    String name = function instanceof Global global ? global.toString() : "";
    return switch (name) {
      case "collections.OrderedDict" -> ordered(arguments);
      case DEFAULT_DICT -> new Dict(true);
      case "torch.Size" -> new Tuple(tupleItems(single(arguments)));
      case "torch._utils._rebuild_tensor" -> {
        requireCount(name, arguments, 4, 4);
        yield tensorUnlessLeft(arguments);
      }
      case "torch._utils._rebuild_tensor_v2" -> {
        requireCount(name, arguments, 6, 7);
        requireMetadata(arguments);
        yield tensorUnlessLeft(arguments);
      }
      case "torch._utils._rebuild_parameter" -> {
        requireCount(name, arguments, 3, 3);
        yield parameter(arguments);
      }
      case "torch._utils._rebuild_parameter_with_state" -> {
        requireCount(name, arguments, 4, 4);
        yield parameter(arguments);
      }
      default -> {
        // what TorchScript wraps lists of numbers in
        if (SCRIPT_FUNCTIONS.contains(name) && !arguments.isEmpty()) {
          yield arguments.get(0);
        }
        throw new Refusal(
            "call of something that is no function",
            "a function that builds tensors",
            Pickled.describe(function));
      }
    };
  }

  @Override
  public Object create(Object type, List<Object> arguments) throws Refusal {
    if (type instanceof Ignored) {
      return type;
    }
    if (type instanceof Global global
        && global.toString().startsWith("__torch__.")
        && arguments.isEmpty()) {
      return new Scripted();
    }
    throw new Refusal(
        "object that is no weight",
        "a module of a TorchScript archive without arguments",
        Pickled.describe(type),
        WEIGHTS_ONLY);
  }

  @Override
  public void build(Object object, Object state) throws Refusal {
    if (object instanceof Ignored something && state instanceof Dict attributes) {
      if (isModule(attributes)) {
        ignored.noteModule(something.global());
      }
    } else if (object instanceof Scripted module && state instanceof Dict attributes) {
      module.build(attributes);
    } else if (!(object instanceof Ignored)
        && !(object instanceof Dict dict && dict.ordered() && state instanceof Dict)) {
      // an ordered dictionary brings attributes along, such as the versions of its modules
      throw new Refusal(
          "state for an object that has none",
          "an ordered dictionary or a module, and a dictionary",
          Pickled.describe(object) + " and " + Pickled.describe(state));
    }
  }

  /** Whether the state is that of a network; activations alone have nothing to save. */
  private static boolean isModule(Dict state) {
    Map<Object, Object> items = state.items();
    return items.containsKey("_parameters")
        && !Stream.of("_parameters", "_buffers", "_modules")
            .allMatch(key -> items.get(key) instanceof Dict part && part.items().isEmpty());
  }

  @Override
  public void addTo(Object object) throws Refusal {
    if (!(object instanceof Ignored)) {
      throw new Refusal(
          "object that cannot grow", "a list or a dictionary", Pickled.describe(object));
    }
  }

  /** Empty, or filled with the list of pairs that Python 2 writes. */
  private Dict ordered(List<Object> arguments) throws Refusal {
    Dict dict = new Dict(true);
    if (!arguments.isEmpty()) {
      if (!(single(arguments) instanceof PyList pairs)) {
        throw new Refusal("bad ordered dictionary", "a list", Pickled.describe(arguments.get(0)));
      }
      items += pairs.items().size();
      if (items > maxItems) {
        // a list used again and again would fill the memory from a few bytes
        throw new Refusal("too many entries in lists", "at most " + maxItems, items);
      }
      for (Object pair : pairs.items()) {
        List<Object> both = pair instanceof PyList list ? list.items() : tupleItems(pair);
        if (both.size() != 2) {
          throw new Refusal("bad ordered dictionary", "pairs", both.size() + " values");
        }
        dict.put(both.get(0), both.get(1));
      }
    }
    return dict;
  }

  /** A tensor, or what its storage is read past as. */
  private Object tensorUnlessLeft(List<Object> arguments) throws Refusal {
    Object storage = arguments.get(0);
    if (storage instanceof Left left) {
      return left.type();
    }
    // pickles that PyTorch did not write hold storages as results of functions
    return storage instanceof Ignored ? storage : tensor(arguments);
  }

  private TensorView tensor(List<Object> arguments) throws Refusal {
    if (!(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)) {
      throw new Refusal(
          "bad tensor",
          "a storage and an offset",
          Pickled.describe(arguments.get(0)) + " and " + Pickled.describe(arguments.get(1)));
    }
    TensorView view =
        new TensorView(storage, offset, numbers(arguments.get(2)), numbers(arguments.get(3)));
    long bytes = storage.type().width();
    try {
      bytes = Math.multiplyExact(bytes, view.elements());
      gathered = Math.addExact(gathered, bytes);
    } catch (ArithmeticException e) {
      gathered = Long.MAX_VALUE;
    }
    if (gathered > budget) {
      throw new Refusal(
          "tensors much larger than the file",
          "at most " + budget + " bytes in all",
          view.shape() + " of " + storage.type() + " from " + view.span() + " elements",
          "save contiguous copies, not expanded views");
    }
    return view;
  }

  private static Object parameter(List<Object> arguments) throws Refusal {
    if (arguments.get(0) instanceof TensorView || arguments.get(0) instanceof Ignored) {
      return arguments.get(0);
    }
    throw new Refusal("bad parameter", "a tensor", Pickled.describe(arguments.get(0)));
  }

  /** Hooks are dropped; marks such as "values stand negated" would change the values. */
  private static void requireMetadata(List<Object> arguments) throws Refusal {
    Object metadata = arguments.size() == 7 ? arguments.get(6) : None.NONE;
    boolean plain =
        metadata instanceof Dict dict
            ? dict.items().values().stream().allMatch(Boolean.FALSE::equals)
            : metadata == None.NONE;
    if (!plain) {
      throw new Refusal(
          "tensor with marks of its own",
          "no metadata",
          Pickled.describe(metadata),
          "save a plain copy: tensor.clone()");
    }
  }

  private static long[] numbers(Object tuple) throws Refusal {
    List<Object> items = tupleItems(tuple);
    long[] values = new long[items.size()];
    for (int i = 0; i < values.length; i++) {
      if (!(items.get(i) instanceof Long value)) {
        throw new Refusal("bad size or stride", "whole numbers", Pickled.describe(items.get(i)));
      }
      values[i] = value;
    }
    return values;
  }

  private static List<Object> tupleItems(Object value) throws Refusal {
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    throw new Refusal("wrong kind of value", "a tuple", Pickled.describe(value));
  }

  private static Object single(List<Object> arguments) throws Refusal {
    requireCount("call", arguments, 1, 1);
    return arguments.get(0);
  }

  private static void requireCount(String name, List<Object> arguments, int least, int most)
      throws Refusal {
    if (arguments.size() < least || arguments.size() > most) {
      throw new Refusal(
          "wrong number of arguments for " + name,
          least == most ? least : least + " to " + most,
          arguments.size());
    }
  }
}
