package org.vpns.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Parts by authors that keep all they promise but one thing. */
public final class Altered {
  private Altered() {}

  /** As the real one, but that a method gives null. */
  public static <T> T without(Class<T> type, String method, T real) {
    return of(type, method, null, real);
  }

  /** As the real one, but that a method gives something else, null included. */
  public static <T> T of(Class<T> type, String method, Object given, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            Altered.class.getClassLoader(),
            new Class<?>[] {type},
            (self, asked, arguments) -> {
              if (asked.getName().equals(method)) {
                return given;
              }
              try {
                asked.setAccessible(true);
                return asked.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
