package org.vpns.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;

/**
 * Blocks one after the other, each with a name of its own, which DJL's sequence does not offer.
 * Subclasses add something to the result.
 */
class NamedSequence extends AbstractBlock {
  NamedSequence() {
    super((byte) 1);
  }

  /** Adds a block at the end. */
  final NamedSequence then(String name, Block block) {
    addChildBlock(name, block);
    return this;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList x = inputs;
    for (Pair<String, Block> child : children) {
      x = child.getValue().forward(store, x, training);
    }
    return x;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape[] shapes = inputShapes;
    for (Pair<String, Block> child : children) {
      shapes = child.getValue().getOutputShapes(shapes);
    }
    return shapes;
  }

  @Override
  protected final void initializeChildBlocks(
      NDManager manager, DataType type, Shape... inputShapes) {
    Shape[] shapes = inputShapes;
    for (Pair<String, Block> child : children) {
      child.getValue().initialize(manager, type, shapes);
      shapes = child.getValue().getOutputShapes(shapes);
    }
  }
}
