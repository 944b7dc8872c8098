package org.vpns.graph.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import com.google.common.base.Throwables;
import com.google.common.collect.Iterables;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.OperatorCall;

/**
 * One run of a block with recording arrays: proxies that hand every call on to the real array and
 * note what it means. Values are numbered in the order in which the run meets them, so that two
 * runs of the same code number them alike.
 */
final class Recording {
  /**
   * An operator that ran.
   *
   * @param place what the block calls its place, if it does
   */
  record Entry(
      Operator operator, List<Integer> inputs, List<Integer> outputs, @Nullable String place) {}

  /** Where a value comes from. */
  enum Origin {
    INPUT,
    PARAMETER,
    CONSTANT,
    RESULT
  }

  /**
   * A value.
   *
   * @param path the parameter's path
   * @param constant a copy of a constant's values, taken before anything could change them
   */
  record Value(
      Origin origin,
      Shape shape,
      DataType type,
      @Nullable String path,
      @Nullable NDArray constant) {}

  /** Absent optional input. */
  static final int ABSENT = -1;

  private static final Set<String> UNSEEN_WRITES =
      Set.of("set", "setScalar", "copyTo", "intern", "setRequiresGradient", "put", "scatter");

  private final NDManager scope;
  private final boolean dataDependence;
  private final Companion companion;
  private final List<Value> values = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, NamedParameter> parameterByUid = new HashMap<>();
  private final Map<String, NamedParameter> parameterById = new HashMap<>();
  private final Map<String, NDArray> parameterProxies = new HashMap<>();
  private final Map<NDArray, NDArray> constantProxies = new IdentityHashMap<>();
  private final Map<NDArray, Integer> holders = new IdentityHashMap<>();
  private final Map<Integer, ArrayHandler> results = new HashMap<>();
  private final NDManager managerProxy;
  private @Nullable String told;

  Recording(
      Iterable<NamedParameter> parameters,
      NDManager scope,
      boolean dataDependence,
      Companion companion) {
    this.scope = scope;
    this.dataDependence = dataDependence;
    this.companion = companion;
    for (NamedParameter p : parameters) {
      parameterById.put(p.parameter().getId(), p);
      parameterByUid.put(p.parameter().getArray().getUid(), p);
    }
    managerProxy = ManagerHandler.proxy(this, scope);
  }

  List<Value> values() {
    return values;
  }

  List<Entry> entries() {
    return entries;
  }

  /** Runs the block in evaluation mode; returns the numbers of its outputs. */
  List<Integer> run(Block block, NDList inputs) {
    NDList traced = new NDList();
    for (NDArray input : inputs) {
      traced.add(
          ArrayHandler.proxy(
              this, input, add(Origin.INPUT, input.getShape(), input.getDataType(), null, null)));
    }
    NDList result = block.forward(new Store(true), traced, false);
    return result.stream().map(this::number).toList();
  }

  /** What the block makes with the weights of this run when nothing is noted. */
  NDList runUnrecorded(Block block, NDList inputs) {
    return block.forward(new Store(false), new NDList(inputs), false);
  }

  /** Hands parameters out, as proxies if the run is recorded. */
  private final class Store extends ParameterStore {
    private final boolean recorded;

    Store(boolean recorded) {
      super(scope, false);
      this.recorded = recorded;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      NamedParameter known = parameter == null ? null : known(parameter);
      if (known == null) {
        return super.getValue(parameter, device, training);
      }
      return recorded ? parameter(known) : companion.weights(known);
    }

    /** Of several parameters that hold one array the first is known. */
    private @Nullable NamedParameter known(Parameter parameter) {
      NamedParameter listed = parameterById.get(parameter.getId());
      return listed == null && parameter.isInitialized()
          ? parameterByUid.get(parameter.getArray().getUid())
          : listed;
    }
  }

  private int add(
      Origin origin,
      Shape shape,
      DataType type,
      @Nullable String path,
      @Nullable NDArray constant) {
    values.add(new Value(origin, shape, type, path, constant));
    return values.size() - 1;
  }

  private NDArray parameter(NamedParameter p) {
    return parameterProxies.computeIfAbsent(
        p.path(),
        path -> {
          NDArray array = companion.weights(p);
          int number = add(Origin.PARAMETER, array.getShape(), array.getDataType(), path, null);
          return ArrayHandler.proxy(this, array, number);
        });
  }

  /** A real array becomes the parameter that it is, or a constant. */
  private NDArray real(NDArray array) {
    NamedParameter p = parameterByUid.get(array.getUid());
    return p == null ? constant(array) : parameter(p);
  }

  NDArray constant(NDArray array) {
    return constantProxies.computeIfAbsent(
        array,
        a -> {
          NDArray copy = a.duplicate();
          copy.attach(scope);
          int number = add(Origin.CONSTANT, a.getShape(), a.getDataType(), null, copy);
          return ArrayHandler.proxy(this, a, number);
        });
  }

  NDManager manager() {
    return managerProxy;
  }

  boolean allowsDataDependence() {
    return dataDependence;
  }

  private ArrayHandler handler(NDArray array) {
    ArrayHandler handler = ArrayHandler.of(array);
    if (handler != null) {
      return handler;
    }
    ArrayHandler made = ArrayHandler.of(real(array));
    if (made == null) {
      throw new IllegalStateException("a proxy without a handler");
    }
    return made;
  }

  private int number(NDArray array) {
    return handler(array).number();
  }

  /** Notes a call and runs it on the real arrays. */
  Object record(Call call, Method method, Object target, Object[] arguments) {
    List<Integer> inputs = numbers(call.inputs());
    ArrayHandler first = inputs.isEmpty() ? null : first(call);
    if (call.use() == Call.Use.IN_PLACE && first != null) {
      requireOwnMemory(first, method);
    }
    Object result = result(call, method, target, arguments);
    if (call.use() == Call.Use.IN_PLACE && first != null) {
      NDArray real = first.real();
      results.remove(first.number());
      first.rebind(add(Origin.RESULT, real.getShape(), real.getDataType(), null, null));
      results.put(first.number(), first);
      NDArray wanted =
          ran(call.operator(), inputs, List.of(first.number()), new NDList(real)).head();
      if (wanted != real) {
        wanted.copyTo(real);
      }
      freeUnread();
      return first.proxy();
    }
    NDList list = result instanceof NDList several ? several : new NDList((NDArray) result);
    NDList proxies = results(call.operator(), inputs, list);
    if (call.use() == Call.Use.VIEW && first != null) {
      proxies.forEach(view -> handler(view).markShared());
      first.markShared();
    }
    return result instanceof NDList ? proxies : proxies.get(0);
  }

  private Object result(Call call, Method method, Object target, Object[] arguments) {
    if (call.use() == Call.Use.PURE) {
      List<@Nullable NDArray> real = real(call.inputs());
      NDArray x = real.isEmpty() ? null : real.get(0);
      NDArray given =
          companion.insteadOf(
              new Companion.Asked(
                  call.operator(),
                  numbers(call.inputs()),
                  real,
                  other -> again(method, target, arguments, x, other)));
      if (given != null) {
        return method.getReturnType() == NDList.class ? new NDList(given) : given;
      }
    }
    return invoke(method, target, arguments);
  }

  /** Makes a call with another array in place of one. */
  private NDArray again(
      Method method, Object target, Object[] arguments, @Nullable NDArray known, NDArray other) {
    Object receiver = target == known ? other : target;
    if (target instanceof NDArrayEx internal && internal.getArray() == known) {
      receiver = other.getNDArrayInternal();
    }
    Object[] changed = arguments.clone();
    for (int i = 0; i < changed.length; i++) {
      if (changed[i] instanceof NDArray array && ArrayHandler.realOf(array) == known) {
        changed[i] = other;
      }
    }
    Object made = invoke(method, receiver, changed);
    return made instanceof NDList list ? list.singletonOrThrow() : (NDArray) made;
  }

  private static List<@Nullable NDArray> real(List<@Nullable NDArray> arrays) {
    List<@Nullable NDArray> real = new ArrayList<>();
    for (NDArray array : arrays) {
      real.add(array == null ? null : ArrayHandler.realOf(array));
    }
    return real;
  }

  /** Notes an operator that the block calls as a whole and runs it on the real arrays. */
  NDList record(Operator operator, List<@Nullable NDArray> given) {
    List<Integer> inputs = numbers(given);
    @Nullable NDArray[] real = real(given).toArray(new NDArray[0]);
    return results(operator, inputs, OperatorCall.run(operator, real));
  }

  private List<Integer> numbers(List<@Nullable NDArray> arrays) {
    List<Integer> numbers = new ArrayList<>();
    for (NDArray array : arrays) {
      numbers.add(array == null ? ABSENT : number(array));
    }
    return numbers;
  }

  private NDList results(Operator operator, List<Integer> inputs, NDList made) {
    List<Integer> outputs = new ArrayList<>();
    for (NDArray array : made) {
      array.attach(scope);
      outputs.add(add(Origin.RESULT, array.getShape(), array.getDataType(), null, null));
    }
    NDList wanted = ran(operator, inputs, outputs, made);
    NDList proxies = new NDList();
    for (int i = 0; i < wanted.size(); i++) {
      NDArray proxy = ArrayHandler.proxy(this, wanted.get(i), outputs.get(i));
      results.put(outputs.get(i), handler(proxy));
      proxies.add(proxy);
    }
    freeUnread();
    return proxies;
  }

  /** Gives back what nothing reads after the last operator; the block may still ask for shapes. */
  private void freeUnread() {
    int position = entries.size() - 1;
    Entry entry = entries.get(position);
    for (int value : Iterables.concat(entry.inputs(), entry.outputs())) {
      if (companion.isLastUse(value, position)) {
        ArrayHandler result = results.remove(value);
        if (result != null) {
          result.close();
        }
      }
    }
  }

  private NDList ran(Operator operator, List<Integer> inputs, List<Integer> outputs, NDList made) {
    Entry entry = new Entry(operator, inputs, outputs, told);
    entries.add(entry);
    return companion.ran(entry, made);
  }

  /** Notes that a proxy stands for an array: a result may be an array that was there before. */
  void hold(NDArray real) {
    holders.merge(real, 1, Integer::sum);
  }

  /** Gives back what the block closes, so that a trace takes no more memory than a forward pass. */
  void free(NDArray real, int number) {
    if (values.get(number).origin() == Origin.RESULT
        && holders.merge(real, -1, Integer::sum) == 0) {
      real.close();
    }
  }

  private @Nullable ArrayHandler first(Call call) {
    NDArray input = call.inputs().get(0);
    return input == null ? null : handler(input);
  }

  private void requireOwnMemory(ArrayHandler receiver, Method method) {
    boolean parameter = values.get(receiver.number()).origin() == Origin.PARAMETER;
    if (receiver.isShared() || parameter) {
      throw refused(
          parameter ? "parameter changed in a forward pass" : "array changed through a view",
          method,
          "in-place methods on arrays that share no memory with others",
          "use the method without i, such as add for addi");
    }
  }

  /** Runs a method on real arrays. */
  Object invoke(Method method, Object target, @Nullable Object[] arguments) {
    @Nullable Object[] real = new Object[arguments.length];
    for (int i = 0; i < real.length; i++) {
      real[i] = unwrapped(arguments[i]);
    }
    try {
      return method.invoke(target, real);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getTargetException();
      Throwables.throwIfUnchecked(cause);
      throw new IllegalStateException(cause);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable Object unwrapped(@Nullable Object argument) {
    if (argument instanceof NDArray array) {
      return ArrayHandler.realOf(array);
    }
    if (argument instanceof NDList list) {
      NDList result = new NDList();
      list.forEach(array -> result.add(ArrayHandler.realOf(array)));
      return result;
    }
    if (argument instanceof NDArray[] arrays) {
      NDArray[] result = arrays.clone();
      for (int i = 0; i < result.length; i++) {
        result[i] = ArrayHandler.realOf(result[i]);
      }
      return result;
    }
    if (argument instanceof NDIndex index) {
      return Indices.with(index, ArrayHandler::realOf);
    }
    return argument instanceof NDManager ? scope : argument;
  }

  /** Why a call that the vocabulary does not know is refused. */
  IllegalArgumentException unknown(Method method) {
    String name = method.getName();
    if (UNSEEN_WRITES.contains(name) || method.getReturnType() == void.class) {
      return refused(
          "array written to in a forward pass",
          method,
          "methods that give a new array",
          "write the block without it");
    }
    boolean array =
        NDArray.class.isAssignableFrom(method.getReturnType())
            || NDList.class.isAssignableFrom(method.getReturnType());
    if (!array) {
      return refused(
          "values read in a forward pass",
          method,
          "a network that does the same for every image",
          "take the decision out of the block; an array that did not come from the inputs or the"
              + " parameter store must not be the left operand either");
    }
    return refused(
        "operator unknown to graphs",
        method,
        "one of the operators of networks for images",
        "write it with other operators");
  }

  IllegalArgumentException refused(String what, Method method, String expected, String remedy) {
    String signature =
        method.getDeclaringClass().getSimpleName() + "." + Vocabulary.signature(method);
    return Problem.argument(what, place(), expected, signature, remedy);
  }

  /** The block says where it is. */
  void at(String place) {
    told = place;
  }

  /** Where the block says it is, or else the last layer that ran. */
  String place() {
    if (told != null) {
      return told;
    }
    for (int i = entries.size() - 1; i >= 0; i--) {
      for (int input : entries.get(i).inputs()) {
        String path = input == ABSENT ? null : values.get(input).path();
        if (path != null) {
          return "after " + path;
        }
      }
    }
    return "before the first layer";
  }
}
