package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.Shape;
import org.vpns.graph.GraphNode;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.runtime.kernel.Clamp;

/**
 * Makes layers of operators with weights; each method gives false where there is nothing for one.
 */
final class WeightLowering {
  private final LoweredTensors tensors;

  WeightLowering(LoweredTensors tensors) {
    this.tensors = tensors;
  }

  boolean addConvolution(GraphNode node, Layers.Convolution c, int in, int[] to) {
    float[] weight = tensors.weight(node, 1);
    float[] bias = tensors.bias(node, to[0]);
    if (weight == null || bias == null) {
      return false;
    }
    Shape shape = tensors.stored(node.inputs().get(1));
    Layer.Kernel kernel =
        new Layer.Kernel(
            weight,
            to[0],
            (int) shape.get(1),
            (int) shape.get(2),
            (int) shape.get(3),
            (int) c.stride().get(0),
            (int) c.stride().get(1),
            (int) c.padding().get(0),
            (int) c.padding().get(1),
            (int) c.dilation().get(0),
            (int) c.dilation().get(1),
            c.groups());
    tensors.set(
        node.outputs().get(0), tensors.layers.convolve(in, tensors.layers.value(to), kernel, bias));
    return true;
  }

  boolean addLinear(GraphNode node, int in, int[] from, int[] to) {
    float[] weight = tensors.weight(node, 1);
    float[] bias = tensors.bias(node, to[to.length - 1]);
    return from.length == 1
        && weight != null
        && bias != null
        && tensors.put(node, to, y -> new Layer.Multiply(in, y, weight, bias, Clamp.NONE));
  }

  /** A product with a matrix of weights is a linear layer whose weight is turned. */
  boolean addProduct(GraphNode node, int in, int[] from, int[] to) {
    float[] matrix = tensors.weight(node, 1);
    if (matrix == null || from.length != 1 || matrix.length != from[0] * to[0]) {
      return false;
    }
    float[] turned = new float[matrix.length];
    for (int i = 0; i < from[0]; i++) {
      for (int o = 0; o < to[0]; o++) {
        turned[o * from[0] + i] = matrix[i * to[0] + o];
      }
    }
    return tensors.put(
        node, to, y -> new Layer.Multiply(in, y, turned, new float[to[0]], Clamp.NONE));
  }

  boolean addBatchNorm(GraphNode node, Layers.BatchNorm norm, int in, int[] to) {
    float[] mean = tensors.weight(node, 1);
    float[] variance = tensors.weight(node, 2);
    float[] gamma = tensors.weight(node, 3);
    float[] beta = tensors.weight(node, 4);
    if (mean == null || variance == null || gamma == null || beta == null) {
      return false;
    }
    if (norm.channelAxis() != 1 || to.length != 1 && to.length != 3) {
      return false;
    }
    double[] scale = new double[to[0]];
    double[] shift = new double[to[0]];
    for (int c = 0; c < to[0]; c++) {
      scale[c] = gamma[c] / Math.sqrt((double) variance[c] + norm.eps());
      shift[c] = beta[c] - mean[c] * scale[c];
    }
    tensors.set(
        node.outputs().get(0), tensors.layers.scale(in, tensors.layers.value(to), scale, shift));
    return true;
  }
}
