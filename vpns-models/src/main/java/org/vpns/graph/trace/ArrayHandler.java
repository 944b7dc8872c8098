package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.OperatorCall;

/** Stands behind a recording array. */
final class ArrayHandler implements InvocationHandler, OperatorCall.Recorder {
  private static final Set<String> FACTS =
      Set.of(
          "getName",
          "setName",
          "getUid",
          "getDataType",
          "getDevice",
          "getShape",
          "getSparseFormat",
          "isSparse",
          "hasGradient",
          "isReleased",
          "size",
          "isScalar",
          "isEmpty",
          "shapeEquals");

  /** Who owns an array is no business of a graph's. */
  private static final Set<String> LIFE =
      Set.of("attach", "tempAttach", "detach", "returnResource");

  private static final Object[] NONE = {};

  private final Recording recording;
  private final NDArray real;
  private int number;
  private boolean shared;
  private boolean closed;
  private @Nullable NDArray proxy;
  private @Nullable NDArrayEx internal;

  private ArrayHandler(Recording recording, NDArray real, int number) {
    this.recording = recording;
    this.real = real;
    this.number = number;
  }

  static NDArray proxy(Recording recording, NDArray real, int number) {
    ArrayHandler handler = new ArrayHandler(recording, real, number);
    NDArray proxy = make(NDArray.class, handler);
    handler.proxy = proxy;
    recording.hold(real);
    return proxy;
  }

  private static <T> T make(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            ArrayHandler.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** The handler of a recording array; null for a real one. */
  static @Nullable ArrayHandler of(NDArray array) {
    return Proxy.isProxyClass(array.getClass())
            && Proxy.getInvocationHandler(array) instanceof ArrayHandler handler
        ? handler
        : null;
  }

  static NDArray realOf(NDArray array) {
    ArrayHandler handler = of(array);
    return handler == null ? array : handler.real;
  }

  int number() {
    return number;
  }

  NDArray real() {
    return real;
  }

  NDArray proxy() {
    if (proxy == null) {
      throw new IllegalStateException("no proxy yet");
    }
    return proxy;
  }

  void rebind(int newNumber) {
    number = newNumber;
  }

  boolean isShared() {
    return shared;
  }

  void markShared() {
    shared = true;
  }

  /** Gives the array back, unless another result is the same array; facts of it stay known. */
  void close() {
    if (!closed) {
      closed = true;
      real.getShape();
      real.getDataType();
      real.getDevice();
      recording.free(real, number);
    }
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given)
      throws Throwable {
    Object[] arguments = given == null ? NONE : given;
    String name = method.getName();
    switch (name) {
      case "hashCode":
        return System.identityHashCode(real);
      case "equals":
        return arguments[0] instanceof NDArray other && realOf(other) == real;
      case "toString":
        return "array " + number + " of a trace, " + real.getShape();
      case "getNDArrayInternal":
        return internal();
      case "getManager":
        return recording.manager();
      default:
        break;
    }
    if (FACTS.contains(name)) {
      return recording.invoke(method, real, arguments);
    }
    if (name.equals("close")) {
      close();
      return null;
    }
    if (LIFE.contains(name)) {
      return null;
    }
    if (isConversionToItself(name, arguments)) {
      return self;
    }
    return perform(method, self, real, arguments);
  }

  @Override
  public NDList record(Operator operator, List<@Nullable NDArray> inputs) {
    return recording.record(operator, inputs);
  }

  private boolean isConversionToItself(String name, Object[] arguments) {
    boolean same =
        name.equals("toType") && arguments[0] == (Object) real.getDataType()
            || name.equals("toDevice") && arguments[0].equals(real.getDevice());
    return same && arguments.length == 2 && !(Boolean) arguments[1];
  }

  private @Nullable Object perform(Method method, Object self, Object target, Object[] arguments)
      throws Throwable {
    Vocabulary.Rule rule = Vocabulary.find(method);
    Call call = rule == null ? null : rule.read(proxy(), arguments);
    if (call != null) {
      return recording.record(call, method, target, arguments);
    }
    boolean composed =
        method.isDefault()
            && givesArrays(method)
            && target
                .getClass()
                .getMethod(method.getName(), method.getParameterTypes())
                .isDefault();
    if (rule == null && composed) {
      // what it consists of is recorded
      return InvocationHandler.invokeDefault(self, method, arguments);
    }
    if (recording.allowsDataDependence()
        && method.getReturnType() != void.class
        && !givesArrays(method)) {
      return recording.invoke(method, target, arguments);
    }
    throw recording.unknown(method);
  }

  private static boolean givesArrays(Method method) {
    return NDArray.class.isAssignableFrom(method.getReturnType())
        || NDList.class.isAssignableFrom(method.getReturnType());
  }

  private NDArrayEx internal() {
    if (internal == null) {
      NDArrayEx realInternal = real.getNDArrayInternal();
      internal =
          make(
              NDArrayEx.class,
              (self, method, given) ->
                  method.getName().equals("getArray")
                      ? proxy()
                      : perform(method, self, realInternal, given == null ? NONE : given));
    }
    return internal;
  }

  /** Whether a type can be kept in a graph. */
  static boolean isPlain(DataType type) {
    return type.isFloating() || type.isInteger() || type.isBoolean();
  }
}
