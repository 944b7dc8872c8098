package org.vpns.internal.curvature;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.NetworkMode;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.flow.TracedBlock;
import org.vpns.internal.network.GradientGate;

/**
 * Without second derivatives: the central difference
 *
 * <pre>
 * H v = |v| (g(theta + e d) - g(theta - e d)) / (2 e) + O(e^2),  d = v / |v|
 * </pre>
 *
 * of a network whose {@link Gates} are recorded at theta and stay as they are at both displaced
 * points, batch by batch. That is the second derivative which a double backward pass sees: it too
 * counts a kink as two straight lines. A batch costs a forward pass and two gradient steps.
 *
 * @param epsilon e; rounding grows as it shrinks
 */
public record FrozenGates(double epsilon) implements Curvature {
  /**
   * For float32: on the small network of the fixtures the relative error is 9e-4 in evaluation and
   * 4e-4 in training mode; a tenth of it is right where weights are displaced in float64.
   */
  static final double EPSILON = 1e-2;

  @Override
  public double[][] times(
      ScoringContext context, ScoringLoss loss, float[][] weights, float[][] vector) {
    double norm = Vectors.norm(vector);
    Block block = context.block();
    NetworkValues network = TracedBlock.of(block, context.inputShape());
    GraphRun run = GraphRun.of(network.graph());
    NDManager owner = ownerOf(block);
    try (NDManager manager = owner.newSubManager()) {
      Point here = new Point(network, context, manager, weights);
      Point plus =
          new Point(network, context, manager, Vectors.moved(weights, vector, epsilon / norm));
      Point minus =
          new Point(network, context, manager, Vectors.moved(weights, vector, -epsilon / norm));
      boolean training = loss.mode() == NetworkMode.TRAIN;
      List<String> loose = new ArrayList<>();
      loss.images()
          .forEach(
              (input, labels) -> {
                Gates gates = new Gates();
                run.run(here.known, new NDList(input), training, gates::record);
                context.countForward();
                backward(run, context, loss, plus, input, labels, gates);
                backward(run, context, loss, minus, input, labels, gates);
                if (loose.isEmpty()) {
                  loose.addAll(gates.loose());
                }
              });
      if (!loose.isEmpty()) {
        context.warn("kinks that could not be frozen, so the curvature is rough: " + loose);
      }
      return Vectors.difference(plus.gradient(), minus.gradient(), norm / (2 * epsilon));
    }
  }

  private static NDManager ownerOf(Block block) {
    return block.getParameters().valueAt(0).getArray().getManager();
  }

  private static void backward(
      GraphRun run,
      ScoringContext context,
      ScoringLoss loss,
      Point point,
      NDArray input,
      NDArray labels,
      Gates gates) {
    boolean training = loss.mode() == NetworkMode.TRAIN;
    try (GradientCollector collector = GradientGate.open(input.getManager())) {
      NDArray logits = run.run(point.known, new NDList(input), training, gates::replay).head();
      collector.backward(loss.share(labels, logits));
      context.countForward();
      context.countBackward(labels.size());
    }
  }

  /** The network's arrays at one point: prunable weights as leaves, copies of all else. */
  private static final class Point {
    final @Nullable NDArray[] known;
    private final NDArray[] leaves;

    Point(NetworkValues network, ScoringContext context, NDManager manager, float[][] weights) {
      leaves = new NDArray[weights.length];
      Layout layout = context.layout();
      known =
          network.byTensor(
              (p, array) -> array(p, array, layout, manager, weights),
              constant -> constant.toArray(manager));
    }

    private NDArray array(
        GraphParameter p, NDArray array, Layout layout, NDManager manager, float[][] weights) {
      if (!layout.contains(p.path())) {
        return copy(array, manager);
      }
      int i = layout.indexOf(p.path());
      try (NDArray borrowed = manager.create(weights[i], array.getShape())) {
        leaves[i] = borrowed.duplicate();
      }
      leaves[i].setRequiresGradient(true);
      return leaves[i];
    }

    private static NDArray copy(NDArray array, NDManager manager) {
      try (NDArray plain = array.stopGradient()) {
        NDArray copy = plain.duplicate();
        copy.attach(manager);
        return copy;
      }
    }

    float[][] gradient() {
      float[][] gradient = new float[leaves.length][];
      for (int i = 0; i < leaves.length; i++) {
        try (NDArray array = leaves[i].getGradient()) {
          gradient[i] = array.toFloatArray();
        }
      }
      return gradient;
    }
  }

  @Override
  public String describe() {
    return "difference " + epsilon + " with frozen gates";
  }
}
