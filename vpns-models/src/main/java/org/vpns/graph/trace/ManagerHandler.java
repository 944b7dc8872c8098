package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.OperatorCall;

/** Stands behind the manager of recording arrays: what it makes is a constant. */
final class ManagerHandler implements InvocationHandler, OperatorCall.Follower {
  private static final Set<String> LIFE =
      Set.of(
          "close",
          "attachInternal",
          "attachUncappedInternal",
          "detachInternal",
          "tempAttachInternal",
          "attachAll",
          "tempAttachAll",
          "cap",
          "zeroGradients",
          "setName");

  private static final Object[] NONE = {};

  private final Recording recording;
  private final NDManager real;

  private ManagerHandler(Recording recording, NDManager real) {
    this.recording = recording;
    this.real = real;
  }

  static NDManager proxy(Recording recording, NDManager real) {
    return (NDManager)
        Proxy.newProxyInstance(
            ManagerHandler.class.getClassLoader(),
            new Class<?>[] {NDManager.class},
            new ManagerHandler(recording, real));
  }

  @Override
  public void at(String place) {
    recording.at(place);
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given) {
    Object[] arguments = given == null ? NONE : given;
    String name = method.getName();
    if (name.equals("hashCode")) {
      return System.identityHashCode(self);
    }
    if (name.equals("equals")) {
      return arguments[0] == self;
    }
    if (name.equals("newSubManager") || name.equals("getParentManager")) {
      return self;
    }
    if (LIFE.contains(name)) {
      return null;
    }
    if (name.equals("from")) {
      NDArray array = (NDArray) arguments[0];
      return array == null || ArrayHandler.of(array) != null ? array : recording.constant(array);
    }
    if (name.startsWith("random") || name.startsWith("sample") || name.startsWith("truncated")) {
      throw recording.refused(
          "random numbers in a forward pass",
          method,
          "a network that gives equal results for equal images",
          "draw them outside of the block, or use dropout");
    }
    if (name.equals("invoke") || name.equals("decode") || name.equals("load")) {
      throw recording.unknown(method);
    }
    Object result = recording.invoke(method, real, arguments);
    return result instanceof NDArray array ? recording.constant(array) : result;
  }
}
