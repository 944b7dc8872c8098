package org.vpns.graph;

import org.vpns.Problem;
import org.vpns.internal.graph.op.Layers;

/**
 * A network whose batch norms move their running statistics at another pace in training:
 *
 * <pre>
 * new = momentum * old + (1 - momentum) * batch
 * </pre>
 *
 * <p>Files give the pace of a long training, 0.99 for many of Keras, with which hundred steps leave
 * a third of the old statistics in place; short trainings want 0.9, PyTorch's default (where it is
 * called 0.1).
 */
public final class BatchNormMomentum {
  private BatchNormMomentum() {}

  /**
   * Sets it in every batch norm. The given network is not changed; the new one has its arrays.
   *
   * @param momentum share of the old statistics that stays in a step, at least 0 and below 1
   * @throws IllegalArgumentException if it is out of range, or the network has no batch norm
   */
  public static NetworkValues set(NetworkValues network, double momentum) {
    Problem.given(network, "BatchNormMomentum.set", "network");
    if (!(momentum >= 0 && momentum < 1)) {
      throw Problem.argument(
          "momentum out of range",
          "BatchNormMomentum.set",
          "at least 0 and below 1",
          momentum,
          "pass the share of the old statistics that stays, such as 0.9");
    }
    GraphEditor editor = GraphEditor.of(network);
    int norms = 0;
    for (GraphNode node : network.graph().nodes()) {
      if (node.operator() instanceof Layers.BatchNorm norm) {
        editor.replace(
            node, new Layers.BatchNorm(norm.axis(), (float) momentum, norm.eps()), node.inputs());
        norms++;
      }
    }
    if (norms == 0) {
      throw Problem.argument(
          "network without batch norm",
          "BatchNormMomentum.set",
          "at least one batch norm",
          "none",
          "leave the call out; exporters fold batch norm into the layer before it unless they are"
              + " told to keep it");
    }
    return network.with(editor.graph());
  }
}
