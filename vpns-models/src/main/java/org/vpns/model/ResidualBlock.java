package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions, each with batch norm, plus a shortcut: relu(bn(conv(... relu(bn(conv(x))) ...)) +
 * shortcut(x)).
 */
final class ResidualBlock extends AbstractBlock {
  private final int inputChannels;
  private final int outputChannels;
  private final int stride;
  private final List<Block> convolutions = new ArrayList<>();
  private final List<Block> norms = new ArrayList<>();
  private final @Nullable Block projection;

  ResidualBlock(ResNet plan, int inputChannels, int width, int stride) {
    super((byte) 1);
    this.inputChannels = inputChannels;
    this.stride = stride;
    if (plan.bottleneck()) {
      outputChannels = 4 * width;
      addConvolution(width, 1, 1);
      addConvolution(width, 3, stride);
      addConvolution(outputChannels, 1, 1);
    } else {
      outputChannels = width;
      addConvolution(width, 3, stride);
      addConvolution(width, 3, 1);
    }
    boolean changes = stride != 1 || inputChannels != outputChannels;
    projection =
        changes && plan.shortcut() == ResNet.Shortcut.PROJECTION
            ? addChildBlock(
                plan.shortcutName(),
                new SequentialBlock()
                    .add(LayerBlocks.conv(outputChannels, 1, stride))
                    .add(LayerBlocks.norm()))
            : null;
  }

  private void addConvolution(int filters, int kernel, int step) {
    int number = convolutions.size() + 1;
    convolutions.add(addChildBlock("conv" + number, LayerBlocks.conv(filters, kernel, step)));
    norms.add(addChildBlock("bn" + number, LayerBlocks.norm()));
  }

  int outputChannels() {
    return outputChannels;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList y = inputs;
    for (int i = 0; i < convolutions.size(); i++) {
      y = i == 0 ? y : Activation.relu(y);
      y = norms.get(i).forward(store, convolutions.get(i).forward(store, y, training), training);
    }
    NDArray shortcut =
        projection == null
            ? subsampled(inputs.singletonOrThrow())
            : projection.forward(store, inputs, training).singletonOrThrow();
    return new NDList(Activation.relu(y.singletonOrThrow().add(shortcut)));
  }

  private NDArray subsampled(NDArray x) {
    NDArray kept = x;
    if (stride != 1) {
      kept = x.get(":, :, ::" + stride + ", ::" + stride);
    }
    int added = outputChannels - inputChannels;
    if (added == 0) {
      return kept;
    }
    // the padding lists the last axis first: width, height, channels
    return kept.pad(new Shape(0, 0, 0, 0, added / 2, added - added / 2), 0);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape[] shapes = inputShapes;
    for (Block convolution : convolutions) {
      shapes = convolution.getOutputShapes(shapes);
    }
    return shapes;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shapes = inputShapes;
    for (int i = 0; i < convolutions.size(); i++) {
      convolutions.get(i).initialize(manager, type, shapes);
      shapes = convolutions.get(i).getOutputShapes(shapes);
      norms.get(i).initialize(manager, type, shapes);
    }
    if (projection != null) {
      projection.initialize(manager, type, inputShapes);
    }
  }
}
