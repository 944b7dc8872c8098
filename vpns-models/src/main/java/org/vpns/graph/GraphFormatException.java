package org.vpns.graph;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** A description of a graph that breaks its format. */
public final class GraphFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  GraphFormatException(
      String what, String where, Object expected, Object found, @Nullable Throwable cause) {
    super(Problem.message(what, where, expected, found, "write the file again"), cause);
  }
}
