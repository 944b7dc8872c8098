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
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/** The network of a {@link ResNet} plan. */
final class ResNetBlock extends AbstractBlock {
  private final boolean maxPool;
  private final int classes;
  private final Block conv1;
  private final Block bn1;
  private final List<Block> layers = new ArrayList<>();
  private final Block head;

  ResNetBlock(ResNet plan) {
    super((byte) 1);
    maxPool = plan.maxPool();
    classes = plan.classes();
    conv1 =
        addChildBlock(
            "conv1", LayerBlocks.conv(plan.stemWidth(), plan.stemKernel(), plan.stemStride()));
    bn1 = addChildBlock("bn1", LayerBlocks.norm());
    int before = plan.stemWidth();
    for (ResNet.Stage stage : plan.stages()) {
      SequentialBlock layer = new SequentialBlock();
      for (int i = 0; i < stage.blocks(); i++) {
        ResidualBlock block =
            new ResidualBlock(plan, before, stage.width(), i == 0 ? stage.stride() : 1);
        layer.add(block);
        before = block.outputChannels();
      }
      layers.add(addChildBlock("layer" + (layers.size() + 1), layer));
    }
    head = addChildBlock(plan.headName(), LayerBlocks.linear(classes));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList x = conv1.forward(store, inputs, training);
    x = Activation.relu(bn1.forward(store, x, training));
    if (maxPool) {
      x = new NDList(pooled(x.singletonOrThrow()));
    }
    for (Block layer : layers) {
      x = layer.forward(store, x, training);
    }
    return head.forward(store, new NDList(Pool.globalAvgPool2d(x.singletonOrThrow())), training);
  }

  private static NDArray pooled(NDArray x) {
    return Pool.maxPool2d(x, new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false);
  }

  private Shape[] afterStem(Shape[] inputShapes) {
    Shape maps = conv1.getOutputShapes(inputShapes)[0];
    if (maxPool) {
      maps = new Shape(maps.get(0), maps.get(1), (maps.get(2) + 1) / 2, (maps.get(3) + 1) / 2);
    }
    return new Shape[] {maps};
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    conv1.initialize(manager, type, inputShapes);
    bn1.initialize(manager, type, conv1.getOutputShapes(inputShapes));
    Shape[] shapes = afterStem(inputShapes);
    for (Block layer : layers) {
      layer.initialize(manager, type, shapes);
      shapes = layer.getOutputShapes(shapes);
    }
    head.initialize(manager, type, shapes[0].slice(0, 2));
  }
}
