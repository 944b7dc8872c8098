package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** Its input, and after it the channels that two convolutions make of it. */
final class DenseLayer extends NamedSequence {
  /** The 1x1 convolution gives this many times the channels of the 3x3 convolution after it. */
  private static final int BOTTLENECK = 4;

  DenseLayer(int growth) {
    then("norm1", LayerBlocks.norm());
    then("relu1", LayerBlocks.relu());
    then("conv1", LayerBlocks.conv(BOTTLENECK * growth, 1, 1));
    then("norm2", LayerBlocks.norm());
    then("relu2", LayerBlocks.relu());
    then("conv2", LayerBlocks.conv(growth, 3, 1));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray added = super.forwardInternal(store, inputs, training, params).singletonOrThrow();
    return new NDList(x.concat(added, 1));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape added = super.getOutputShapes(inputShapes)[0];
    long channels = inputShapes[0].get(1) + added.get(1);
    return new Shape[] {new Shape(added.get(0), channels, added.get(2), added.get(3))};
  }
}
