package org.vpns.internal.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/**
 * How the code of a block calls an operator for which the engine has no one method: a trace then
 * notes the operator instead of what it consists of.
 */
public final class OperatorCall {
  private OperatorCall() {}

  /** Stands behind an array that notes what is done with it. */
  public interface Recorder {
    /** Notes an operator and runs it. */
    NDList record(Operator operator, List<@Nullable NDArray> inputs);
  }

  /** Stands behind the manager of such arrays. */
  public interface Follower {
    /** Remembers where the code is from now on. */
    void at(String place);
  }

  /** Tells a trace where the code of a block is, as messages should call it. */
  public static void at(String place, NDManager manager) {
    if (Proxy.isProxyClass(manager.getClass())
        && Proxy.getInvocationHandler(manager) instanceof Follower follower) {
      follower.at(place);
    }
  }

  /**
   * Runs an operator that has no use for the forward pass, as {@link Operator#apply} does.
   *
   * @param inputs at least one; null for an absent one
   */
  public static NDList run(Operator operator, @Nullable NDArray... inputs) {
    for (NDArray input : inputs) {
      if (input != null
          && Proxy.isProxyClass(input.getClass())
          && Proxy.getInvocationHandler(input) instanceof Recorder recorder) {
        return recorder.record(operator, Arrays.asList(inputs));
      }
    }
    NDArray first = Arguments.array(inputs, 0);
    ForwardPass pass = new ForwardPass(false, -1, first.getManager());
    return new NDList(operator.apply(inputs, pass));
  }
}
