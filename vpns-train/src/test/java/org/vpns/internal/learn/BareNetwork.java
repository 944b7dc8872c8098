package org.vpns.internal.learn;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.stream.IntStream;
import org.vpns.ParameterFilter;
import org.vpns.internal.network.Network;

/**
 * A network that is nothing but weights, with gradients as the test wants them: the loss is the sum
 * of weight times wanted gradient.
 */
final class BareNetwork implements AutoCloseable {
  final Model model = Model.newInstance("bare");
  final Network network;

  /** Weights of one tensor for each size, (size, 1). */
  BareNetwork(int... sizes) {
    Weights block = new Weights(sizes);
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1));
    model.setBlock(block);
    network = Network.open(model, ParameterFilter.weights());
    network.train(IntStream.range(0, sizes.length).mapToObj(network::weight).toList());
  }

  private static final class Weights extends AbstractBlock {
    Weights(int[] sizes) {
      for (int i = 0; i < sizes.length; i++) {
        Parameter parameter =
            Parameter.builder()
                .setName("t" + i + ".weight")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(sizes[i], 1))
                .build();
        addParameter(parameter);
      }
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** Replaces the true weights, and with them the network's. */
  void setWeights(EffectiveWeights weights, float[] theta) {
    weights.theta().set(theta);
    weights.apply(weights.masks());
  }

  /** Leaves the given gradients, in flat order, in the arrays. */
  void backward(float[] gradients) {
    try (NDManager scope = network.manager().newSubManager();
        GradientCollector collector = scope.getEngine().newGradientCollector()) {
      NDArray loss = scope.create(0f);
      for (int i = 0; i < network.layout().tensors(); i++) {
        int size = network.layout().size(i);
        float[] part = new float[size];
        System.arraycopy(gradients, network.layout().offset(i), part, 0, size);
        loss = loss.add(scope.create(part, new Shape(size, 1)).mul(network.weight(i)).sum());
      }
      collector.backward(loss);
    }
  }

  /** Bits of the network's weights in flat order. */
  int[] bits() {
    int[] bits = new int[network.layout().size()];
    for (int i = 0; i < network.layout().tensors(); i++) {
      float[] values = network.weight(i).toFloatArray();
      for (int j = 0; j < values.length; j++) {
        bits[network.layout().offset(i) + j] = Float.floatToRawIntBits(values[j]);
      }
    }
    return bits;
  }

  @Override
  public void close() {
    network.close();
    model.close();
  }
}
