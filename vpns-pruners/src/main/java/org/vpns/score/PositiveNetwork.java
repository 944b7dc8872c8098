package org.vpns.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.graph.GraphParameter;

/**
 * A network with every weight replaced by its absolute value ({@link PositiveRule}), in double
 * precision, and one input of ones. What comes out, summed, is its flow R; a weight's share of it
 * is |z| dR/d|z|.
 */
final class PositiveNetwork implements AutoCloseable {
  private final GraphRun run;
  private final PositiveRule rule;
  private final Layout layout;
  private final NDManager manager;
  private final @Nullable NDArray[] known;
  private final int[] tensors;
  private final float[][] weights;
  private final NDArray input;
  private final boolean zerosCount;

  /**
   * What flows.
   *
   * @param total R
   * @param shares |z| dR/d|z| in the layout's order; each layer's sum to R, or to less where others
   *     lie beside it
   */
  record Flow(double total, double[] shares) {}

  /**
   * The positive network of a block, which stays as it is.
   *
   * @param shape of one input, (channels, height, width)
   * @param layout tensors whose shares are wanted
   */
  PositiveNetwork(
      Block block,
      Shape shape,
      Layout layout,
      boolean released,
      boolean lenient,
      Set<String> identities) {
    this(block, shape, layout, released, lenient, identities, false);
  }

  /**
   * A network whose ways are asked for, not how much flows: operators that are not understood pass
   * on what they get, and kept weights and scales of 0 count as 1.
   */
  static PositiveNetwork ofWays(Block block, Shape shape, Layout layout) {
    return new PositiveNetwork(block, shape, layout, false, true, Set.of(), true);
  }

  private PositiveNetwork(
      Block block,
      Shape shape,
      Layout layout,
      boolean released,
      boolean lenient,
      Set<String> identities,
      boolean zerosCount) {
    this.layout = layout;
    this.zerosCount = zerosCount;
    run = GraphRun.of(block, shape);
    rule = new PositiveRule(run.graph(), released, lenient, identities);
    tensors = new int[layout.tensors()];
    weights = new float[layout.tensors()][0];
    manager = block.getParameters().valueAt(0).getArray().getManager().newSubManager();
    try {
      known =
          run.known(block, this::parameter, constant -> PositiveRule.constant(constant, manager));
      requireAll();
      input = manager.ones(new Shape(1).addAll(shape), DataType.FLOAT64);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /** The tensors that are asked about come anew with every mask. */
  private NDArray parameter(GraphParameter p, NDArray array) {
    if (!layout.contains(p.path())) {
      NDArray positive = PositiveRule.parameter(array, manager);
      if (zerosCount) {
        try (NDArray zeros = positive.eq(0);
            NDArray ones = zeros.toType(DataType.FLOAT64, true)) {
          positive.addi(ones);
        }
      }
      return positive;
    }
    int i = layout.indexOf(p.path());
    tensors[i] = p.tensor();
    weights[i] = array.toFloatArray();
    return array;
  }

  private void requireAll() {
    for (int i = 0; i < weights.length; i++) {
      if (weights[i].length != layout.size(i)) {
        throw Problem.argument(
            "mask of another network",
            layout.path(i),
            "a parameter of shape " + layout.shape(i),
            weights[i].length + " weights",
            "pass the network that the masks were made for");
      }
    }
  }

  /** The flow with removed weights at 0. */
  Flow flow(MaskSet masks) {
    try (NDScope arrays = new NDScope();
        NDManager scope = manager.newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      arrays.suppressNotUsedWarning();
      @Nullable NDArray[] values = known.clone();
      double[][] sizes = new double[layout.tensors()][];
      NDArray[] leaves = new NDArray[layout.tensors()];
      for (int i = 0; i < leaves.length; i++) {
        sizes[i] = magnitudes(weights[i], masks.get(layout.path(i)), zerosCount);
        leaves[i] = scope.create(sizes[i], layout.shape(i)).duplicate();
        leaves[i].setRequiresGradient(true);
        values[tensors[i]] = leaves[i];
      }
      input.tempAttach(scope);
      NDArray total = scope.zeros(new Shape(), DataType.FLOAT64);
      for (NDArray output : run.run(values, input, false, rule)) {
        total = total.add(output.sum());
      }
      collector.backward(total);
      return new Flow(total.getDouble(), shares(leaves, sizes));
    }
  }

  private static double[] magnitudes(float[] weights, Mask mask, boolean zerosCount) {
    double[] sizes = new double[weights.length];
    boolean dense = mask.kept() == weights.length;
    for (int i = 0; i < sizes.length; i++) {
      double size = zerosCount && weights[i] == 0 ? 1 : Math.abs((double) weights[i]);
      sizes[i] = dense || mask.isKept(i) ? size : 0;
    }
    return sizes;
  }

  private double[] shares(NDArray[] leaves, double[][] sizes) {
    double[] shares = new double[layout.size()];
    for (int i = 0; i < leaves.length; i++) {
      double[] gradient = leaves[i].getGradient().toDoubleArray();
      int offset = layout.offset(i);
      for (int j = 0; j < gradient.length; j++) {
        // a removed weight has no share, whatever an infinite gradient would make of it
        shares[offset + j] = sizes[i][j] == 0 ? 0 : sizes[i][j] * gradient[j];
      }
    }
    return shares;
  }

  @Override
  public void close() {
    manager.close();
  }
}
