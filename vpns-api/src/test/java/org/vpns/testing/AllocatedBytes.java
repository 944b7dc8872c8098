package org.vpns.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How much memory a piece of code asks for, freed or not. */
public final class AllocatedBytes {
  private AllocatedBytes() {}

  /** Bytes that this thread allocates during the second of two calls; the first loads classes. */
  public static long during(ThrowingCallable action) {
    try {
      action.call();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long id = Thread.currentThread().getId();
      long before = threads.getThreadAllocatedBytes(id);
      action.call();
      return threads.getThreadAllocatedBytes(id) - before;
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }
}
