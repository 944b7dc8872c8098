package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.Origin;
import org.vpns.io.FormatException;

/** Normalisation with learned scales and shifts. */
final class NormalisationOperators {
  private NormalisationOperators() {}

  static void addTo(OperatorTable table) {
    table.add("BatchNormalization", NormalisationOperators::batch);
    table.add("InstanceNormalization", NormalisationOperators::instance);
    table.since(17, "LayerNormalization", NormalisationOperators::layer);
    // before operator set 21 scale and shift went by group, and nobody wrote it
    table.since(21, "GroupNormalization", NormalisationOperators::group);
  }

  private static float epsilon(OnnxNode node) throws FormatException {
    float epsilon = node.real("epsilon", 1e-5f);
    if (epsilon < 0) {
      throw node.outOfRange("epsilon", "a number from 0", epsilon);
    }
    return epsilon;
  }

  private static void requireVector(Operands in, int input, long size) {
    if (!in.shape(input).equals(new Shape(size))) {
      throw in.problem(
          "input " + input + " does not fit the channels",
          new Shape(size),
          in.shape(input),
          "check the shape of the network's input");
    }
  }

  /**
   * Batch norm with running statistics, or, in a training pass, with the batch's own, which then
   * move the running ones. What the file says about training does not count; the outputs for new
   * statistics are not made.
   */
  private static Step batch(OnnxNode node) throws FormatException {
    node.requireInputs(5, 5);
    float epsilon = epsilon(node);
    float momentum = node.real("momentum", 0.9f);
    node.flag("training_mode", false);
    if (node.opset() < 9) {
      // statistics of each place were an option once
      node.integer("spatial", 1, 1, 1);
    }
    return in -> {
      in.requireRank(0, 2, 5);
      for (int i = 1; i < 5; i++) {
        requireVector(in, i, in.shape(0).get(1));
      }
      if (isComputed(in, 3) || isComputed(in, 4)) {
        return List.of(OnnxValue.of(normalised(in, epsilon)));
      }
      NDArray x = in.array(0);
      // the engine's axis -1 stands for axis 1 without a detour
      return List.of(
          OnnxValue.of(
              x.getNDArrayInternal()
                  .batchNorm(
                      x,
                      in.array(3),
                      in.array(4),
                      in.array(1),
                      in.array(2),
                      -1,
                      momentum,
                      epsilon,
                      in.training())
                  .singletonOrThrow()));
    };
  }

  private static boolean isComputed(Operands in, int input) {
    return in.value(input) instanceof OnDevice device && device.origin() == Origin.RESULT;
  }

  /**
   * By given statistics, of which the engine computes no gradients: what images gave, or a cast.
   */
  private static NDArray normalised(Operands in, float epsilon) {
    NDArray centred = in.temporary(in.array(0).sub(byChannel(in, 3)));
    NDArray deviation = in.temporary(in.temporary(byChannel(in, 4).add(epsilon)).sqrt());
    return scaled(in, in.temporary(centred.div(deviation)));
  }

  private static Step layer(OnnxNode node) throws FormatException {
    node.requireInputs(2, 3);
    float epsilon = epsilon(node);
    long axis = node.integer("axis", -1);
    node.ignore("stash_type");
    return in -> {
      int at = in.axis(axis, in.rank(0));
      Shape normalised = in.shape(0).slice(at);
      in.requireRoom(normalised);
      NDArray scale = spread(in, 1, normalised);
      NDArray shift =
          in.has(2)
              ? spread(in, 2, normalised)
              : in.constant(
                  HostTensor.of(
                      ElementType.of(in.engineType(0)),
                      normalised,
                      new double[Math.toIntExact(normalised.size())]));
      NDArray x = in.array(0);
      NDArray result =
          x.getNDArrayInternal().layerNorm(x, normalised, scale, shift, epsilon).singletonOrThrow();
      return node.wants(1) || node.wants(2)
          ? List.of(
              OnnxValue.of(result),
              OnnxValue.of(mean(in, x, at)),
              OnnxValue.of(scatter(in, x, at, epsilon)))
          : List.of(OnnxValue.of(result));
    };
  }

  /** Mean over an axis and all after it, which stay as size 1. */
  private static NDArray mean(Operands in, NDArray x, int from) {
    NDArray result = x;
    for (int axis = in.rank(0) - 1; axis >= from; axis--) {
      result = in.temporary(result.mean(new int[] {axis}, true));
    }
    return result;
  }

  /** One over the standard deviation, likewise. */
  private static NDArray scatter(Operands in, NDArray x, int from, float epsilon) {
    NDArray centred = in.temporary(x.sub(mean(in, x, from)));
    NDArray variance = mean(in, in.temporary(centred.mul(centred)), from);
    NDArray deviation = in.temporary(in.temporary(variance.add(epsilon)).sqrt());
    return deviation.getNDArrayInternal().rdiv(1);
  }

  private static NDArray spread(Operands in, int input, Shape shape) {
    if (in.shape(input).equals(shape)) {
      return in.array(input);
    }
    if (!Shapes.broadcast(in, in.shape(input), shape).equals(shape)) {
      throw in.problem(
          "input " + input + " does not fit the normalised axes",
          shape,
          in.shape(input),
          "check the shape of the network's input");
    }
    return in.temporary(in.array(input).broadcast(shape));
  }

  private static Step instance(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    float epsilon = epsilon(node);
    return in -> {
      in.requireRank(0, 3, 5);
      requireVector(in, 1, in.shape(0).get(1));
      requireVector(in, 2, in.shape(0).get(1));
      Shape shape = in.shape(0);
      NDArray rows =
          in.temporary(
              in.array(0)
                  .reshape(
                      shape.get(0), shape.get(1), Shapes.product(shape, 2, shape.dimension())));
      NDArray result = in.temporary(in.temporary(standardised(in, rows, epsilon)).reshape(shape));
      return List.of(OnnxValue.of(scaled(in, result)));
    };
  }

  private static Step group(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    float epsilon = epsilon(node);
    node.requiredInteger("num_groups");
    int groups = node.integer("num_groups", 1, 1, Integer.MAX_VALUE);
    node.ignore("stash_type");
    return in -> {
      in.requireRank(0, 3, 5);
      Shape shape = in.shape(0);
      requireVector(in, 1, shape.get(1));
      requireVector(in, 2, shape.get(1));
      if (shape.get(1) % groups != 0) {
        throw in.problem(
            "groups do not divide the channels",
            "a divisor of " + shape.get(1),
            groups,
            "check the shape of the network's input");
      }
      long width = Shapes.product(shape, 1, shape.dimension()) / groups;
      NDArray rows = in.temporary(in.array(0).reshape(shape.get(0), groups, width));
      NDArray result = in.temporary(in.temporary(standardised(in, rows, epsilon)).reshape(shape));
      return List.of(OnnxValue.of(scaled(in, result)));
    };
  }

  /** Each row of the last axis with mean 0 and variance 1. */
  private static NDArray standardised(Operands in, NDArray rows, float epsilon) {
    int[] last = {2};
    NDArray centred = in.temporary(rows.sub(in.temporary(rows.mean(last, true))));
    NDArray variance = in.temporary(in.temporary(centred.mul(centred)).mean(last, true));
    return centred.div(in.temporary(in.temporary(variance.add(epsilon)).sqrt()));
  }

  /** Times input 1 plus input 2, both by channel. */
  private static NDArray scaled(Operands in, NDArray x) {
    return in.temporary(x.mul(byChannel(in, 1))).add(byChannel(in, 2));
  }

  /** A vector of the channels, in a shape that meets them. */
  private static NDArray byChannel(Operands in, int input) {
    long[] sizes = new long[in.rank(0) - 1];
    Arrays.fill(sizes, 1);
    sizes[0] = in.shape(0).get(1);
    return in.temporary(in.array(input).reshape(new Shape(sizes)));
  }
}
