package org.vpns;

import org.jspecify.annotations.Nullable;

/**
 * The one form of every error message: {@code <what is wrong>: <where>; expected <expected>, found
 * <found>; <remedy>.}
 */
public final class Problem {
  private Problem() {}

  /** The message alone, for exceptions of other types. */
  public static String message(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return what
        + ": "
        + where
        + "; expected "
        + expected
        + ", found "
        + found
        + "; "
        + remedy
        + ".";
  }

  /** A bad argument. */
  public static IllegalArgumentException argument(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return new IllegalArgumentException(message(what, where, expected, found, remedy));
  }

  /** A wrong order of calls, or options that contradict each other. */
  public static IllegalStateException state(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    return new IllegalStateException(message(what, where, expected, found, remedy));
  }
}
