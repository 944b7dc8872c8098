package org.vpns.structured.plan;

import ai.djl.nn.Parameter;
import org.vpns.graph.ModelGraph;

/**
 * What a network costs, exactly, as it would be without the channels that leave. A cost of one's
 * own is a class with these two methods:
 *
 * <pre>{@code
 * record Depth() implements NetworkCost { ... }
 * ChannelBudget budget = ChannelBudget.of(new Depth(), 0.5);
 * }</pre>
 *
 * <p>A budget asks for the cost of each candidate at each step. Where it is a sum over layers,
 * {@link LayerwiseCost} says so, and large networks take a second rather than minutes.
 */
public interface NetworkCost {
  /** What it is called, in the plural, such as {@code macs}. */
  String name();

  /** The cost of a whole network, at least 0 and finite; one that lost channels costs no more. */
  double of(ModelGraph graph);

  /** Weights, biases, scales and shifts of norms, bare parameters; no statistics. */
  static LayerwiseCost parameters() {
    return new SizeCost("parameters", p -> isStatistic(p.type()) ? 0 : 1);
  }

  /** Multiply-adds of convolutions, linear layers and products of matrices, for one image. */
  static LayerwiseCost macs() {
    return new MacsCost();
  }

  /** Bytes of all parameters, statistics of norms included. */
  static LayerwiseCost bytes() {
    return new SizeCost("bytes", p -> p.dataType().getNumOfBytes());
  }

  private static boolean isStatistic(Parameter.Type type) {
    return type == Parameter.Type.RUNNING_MEAN || type == Parameter.Type.RUNNING_VAR;
  }
}
