package org.vpns.score;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.util.Map;

/** What a manager owns. */
final class Owned {
  private Owned() {}

  /**
   * Number of resources, those of its sub-managers included. DJL counts the arrays of one manager
   * alone, so that whatever hangs on a sub-manager that was never closed would not be seen.
   */
  static long by(NDManager manager) {
    try {
      Field field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      long count = 0;
      for (Object resource : ((Map<?, ?>) field.get(manager)).values()) {
        count += 1 + (resource instanceof NDManager inner ? by(inner) : 0);
      }
      return count;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("DJL keeps its resources elsewhere", e);
    }
  }
}
