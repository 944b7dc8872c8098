package org.vpns.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;

/** The contract that whatever fails half-way leaves nothing open that it has opened. */
public final class OpenResources {
  private static final Set<String> ALLOCATING =
      Set.of(
          "create",
          "zeros",
          "ones",
          "randomNormal",
          "randomUniform",
          "truncatedNormal",
          "newSubManager",
          "allocateDirect");

  private OpenResources() {}

  /** Fails once, with an error that nobody foresees, at one of the places that ask it. */
  public static final class Fault {
    private int left;
    private boolean happened;

    private Fault(int left) {
      this.left = left;
    }

    /** A place where memory may run out. */
    public void point() {
      if (--left == 0) {
        happened = true;
        throw new OutOfMemoryError("as the test wants");
      }
    }

    /** The same object, whose methods of these names are such places. */
    public <T> T in(Class<T> type, T real, Set<String> methods) {
      Object failing =
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                if (methods.contains(method.getName())) {
                  point();
                }
                return invoke(method, real, arguments);
              });
      return type.cast(failing);
    }

    /** The same manager, whose memory may run out. */
    public NDManager in(NDManager manager) {
      return in(NDManager.class, manager, ALLOCATING);
    }

    private static Object invoke(Method method, Object real, Object[] arguments) throws Throwable {
      try {
        return method.invoke(real, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  /** Opens something, and closes it where that has gone well. */
  public interface Door {
    /**
     * @param fault to be asked at each allocation
     */
    void open(Fault fault) throws Exception;
  }

  /**
   * Lets a door fail at its first allocation, at its second, and so on until it goes well.
   *
   * @param owner under which everything is opened
   * @return at how many places it has failed
   */
  public static int requireNoneLeft(NDManager owner, Door door) throws Exception {
    for (int failing = 1; ; failing++) {
      long before = under(owner);
      Fault fault = new Fault(failing);
      try {
        door.open(fault);
        assertThat(fault.happened).as("failure %s was swallowed", failing).isFalse();
      } catch (OutOfMemoryError e) {
        assertThat(fault.happened).isTrue();
      }
      assertThat(under(owner)).as("open after failure %s", failing).isEqualTo(before);
      if (!fault.happened) {
        return failing - 1;
      }
    }
  }

  /**
   * The same for a door that makes models and managers of its own: each of them is closed when the
   * door has failed, and when it has closed what it opened.
   *
   * @param inside whether also what is made of a model's or a base manager may fail; arrays of the
   *     engine cannot be attached to such a manager
   * @return at how many places it has failed
   */
  public static int requireNoModelLeft(boolean inside, Door door) throws Exception {
    for (int failing = 1; ; failing++) {
      Fault fault = new Fault(failing);
      try (FailingEngine engine = new FailingEngine(fault, inside)) {
        try {
          door.open(fault);
          assertThat(fault.happened).as("failure %s was swallowed", failing).isFalse();
        } catch (OutOfMemoryError e) {
          assertThat(fault.happened).isTrue();
        }
        assertThat(engine.open()).as("open after failure %s", failing).isEmpty();
      }
      if (!fault.happened) {
        return failing - 1;
      }
    }
  }

  /** How many arrays, managers and other resources are open under a manager. */
  public static long under(NDManager manager) {
    try {
      Field field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      long open = 0;
      for (Object resource : ((Map<?, ?>) field.get(manager)).values()) {
        open += 1 + (resource instanceof BaseNDManager inner ? under(inner) : 0);
      }
      return open;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
