package org.vpns.internal.io;

import java.io.IOException;

/** An action that may fail with an {@link IOException}. */
@FunctionalInterface
public interface IoConsumer<T> {
  /** Acts on the value. */
  void accept(T value) throws IOException;
}
