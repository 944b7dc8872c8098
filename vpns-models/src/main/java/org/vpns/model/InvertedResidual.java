package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * A 1x1 convolution that widens, a 3x3 convolution of each channel by itself, and a 1x1 convolution
 * that narrows, without ReLU after it; plus the input where the shape is the same.
 */
final class InvertedResidual extends NamedSequence {
  private final boolean shortcut;

  /**
   * @param expansion how many times wider it is inside; without the first convolution if 1
   */
  InvertedResidual(int inputChannels, int outputChannels, int expansion, int stride) {
    shortcut = stride == 1 && inputChannels == outputChannels;
    int inside = expansion * inputChannels;
    SequentialBlock conv = new SequentialBlock();
    if (expansion != 1) {
      conv.add(withNormAndRelu6(LayerBlocks.conv(inside, 1, 1)));
    }
    conv.add(withNormAndRelu6(LayerBlocks.depthwise(inside, stride, 1)));
    conv.add(LayerBlocks.conv(outputChannels, 1, 1)).add(LayerBlocks.norm());
    then("conv", conv);
  }

  static Block withNormAndRelu6(Block convolution) {
    return new SequentialBlock().add(convolution).add(LayerBlocks.norm()).add(LayerBlocks.relu6());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList y = super.forwardInternal(store, inputs, training, params);
    if (!shortcut) {
      return y;
    }
    NDArray x = inputs.singletonOrThrow();
    return new NDList(x.add(y.singletonOrThrow()));
  }
}
