package org.vpns;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.Proxy;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/**
 * Functions of an array and a number through which gradients flow, for blocks, prompts and losses
 * of one's own.
 *
 * <p>The engine's own, {@code x.mul(3)}, lend Java's memory to an array of that one number. A
 * backward pass reads the number there again, when the garbage collector may have given the memory
 * to others: the gradient is then any number at all (seen with DJL 0.35.1 and PyTorch 2.7.1).
 * Networks that were traced or read from files are safe by themselves.
 */
public final class KeptNumber {
  private KeptNumber() {}

  /**
   * A function of an array and a number.
   *
   * @param withArray the function, of the number as an array
   * @param withNumber the engine's own, for what only records what is done to it
   * @param number as an array, of the type that the engine gives its class
   */
  public static NDArray apply(
      BinaryOperator<NDArray> withArray,
      BiFunction<NDArray, Number, NDArray> withNumber,
      NDArray x,
      Number number) {
    Problem.given(withArray, "KeptNumber.apply", "withArray");
    Problem.given(withNumber, "KeptNumber.apply", "withNumber");
    Problem.given(x, "KeptNumber.apply", "x");
    Problem.given(number, "KeptNumber.apply", "number");
    if (Proxy.isProxyClass(x.getClass())) {
      return withNumber.apply(x, number);
    }
    try (NDArray borrowed = x.getManager().create(number);
        NDArray kept = borrowed.duplicate()) {
      return withArray.apply(x, kept);
    }
  }

  /** The product of each value and the number. */
  public static NDArray product(NDArray x, Number number) {
    Problem.given(x, "KeptNumber.product", "x");
    Problem.given(number, "KeptNumber.product", "number");
    return apply(NDArray::mul, NDArray::mul, x, number);
  }

  /** Each value divided by the number. */
  public static NDArray quotient(NDArray x, Number number) {
    Problem.given(x, "KeptNumber.quotient", "x");
    Problem.given(number, "KeptNumber.quotient", "number");
    return apply(NDArray::div, NDArray::div, x, number);
  }
}
