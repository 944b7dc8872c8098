package org.vpns.torch;

import org.vpns.io.TensorType;

/**
 * A flat piece of memory in a file, of which tensors are views.
 *
 * @param key the file's name for it, digits only
 * @param type element type
 * @param count number of elements
 */
record Storage(String key, TensorType type, long count) {
  /** Size in the file. */
  long bytes() throws Refusal {
    try {
      return Math.multiplyExact(count, type.width());
    } catch (ArithmeticException e) {
      throw new Refusal("storage too large", "fewer than 2^63 bytes", count + " of " + type);
    }
  }
}
