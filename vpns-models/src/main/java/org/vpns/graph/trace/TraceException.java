package org.vpns.graph.trace;

import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** A block does something that a graph cannot express, or that the trace cannot see. */
public final class TraceException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private TraceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  static TraceException of(
      String what, String where, String expected, Object found, String remedy) {
    return new TraceException(Problem.message(what, where, expected, found, remedy), null);
  }

  static TraceException of(
      String what, String where, String expected, Object found, String remedy, Throwable cause) {
    return new TraceException(Problem.message(what, where, expected, found, remedy), cause);
  }
}
