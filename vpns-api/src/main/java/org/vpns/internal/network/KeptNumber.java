package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.Proxy;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/**
 * Functions of an array and a number through which gradients flow.
 *
 * <p>The engine's own, {@code x.mul(3)}, lend Java's memory to an array of that one number. A
 * backward pass reads the number there again, when the garbage collector may have given the memory
 * to others: the gradient is then any number at all.
 */
public final class KeptNumber {
  private KeptNumber() {}

  /**
   * A function of an array and a number.
   *
   * @param withArray the function, of the number as an array
   * @param withNumber the engine's own, for what only records what is done to it
   */
  public static NDArray apply(
      BinaryOperator<NDArray> withArray,
      BiFunction<NDArray, Number, NDArray> withNumber,
      NDArray x,
      Number number) {
    if (Proxy.isProxyClass(x.getClass())) {
      return withNumber.apply(x, number);
    }
    try (NDArray borrowed = x.getManager().create(number);
        NDArray kept = borrowed.duplicate()) {
      return withArray.apply(x, kept);
    }
  }

  /** {@code x number}. */
  public static NDArray product(NDArray x, Number number) {
    return apply(NDArray::mul, NDArray::mul, x, number);
  }

  /** {@code x / number}. */
  public static NDArray quotient(NDArray x, Number number) {
    return apply(NDArray::div, NDArray::div, x, number);
  }
}
