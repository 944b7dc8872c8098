package org.vpns.internal.learn;

import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.internal.network.HostFloats;

/** Notices values that an update has made infinite or not a number. */
final class Overflow {
  private static final int INFINITY_BITS = 0x7f800000;

  private Overflow() {}

  /** The largest magnitude, as bits that order like it; NaN is above infinity. */
  static int largest(int[] bits, int n) {
    int largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, bits[i] & Integer.MAX_VALUE);
    }
    return largest;
  }

  static boolean isFinite(int largest) {
    return largest < INFINITY_BITS;
  }

  static boolean isNumber(int largest) {
    return largest <= INFINITY_BITS;
  }

  /** What to say of the first such value among those of several tensors. */
  static IllegalStateException in(Layout layout, HostFloats values, long updates) {
    int at = first(values);
    int tensor = 0;
    while (layout.offset(tensor + 1) <= at) {
      tensor++;
    }
    return problem(layout.path(tensor), at - layout.offset(tensor), values, at, updates);
  }

  /** What to say of the first such value of one tensor. */
  static IllegalStateException in(String name, HostFloats values, long updates) {
    int at = first(values);
    return problem(name, at, values, at, updates);
  }

  /** One that is no number, if there is one: infinite ones may have been given. */
  private static int first(HostFloats values) {
    int infinite = -1;
    for (int at = 0; at < values.size(); at++) {
      float value = values.floats().get(at);
      if (Float.isNaN(value)) {
        return at;
      }
      if (infinite < 0 && Float.isInfinite(value)) {
        infinite = at;
      }
    }
    return infinite;
  }

  private static IllegalStateException problem(
      String name, int position, HostFloats values, int at, long updates) {
    return Problem.state(
        "value is not finite",
        name + "[" + position + "]",
        "a finite number",
        values.floats().get(at) + " after update " + updates,
        "lower the learning rate; the model is as it was before");
  }
}
