package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.function.BiFunction;

/** A block of one parameter w, (4, 4), whose forward pass is a function of the input and w. */
final class Lambda extends AbstractBlock {
  private final Parameter w;
  private final BiFunction<NDArray, NDArray, NDArray> function;
  private final boolean throughStore;

  private Lambda(BiFunction<NDArray, NDArray, NDArray> function, boolean throughStore) {
    super((byte) 1);
    this.function = function;
    this.throughStore = throughStore;
    w =
        addParameter(
            Parameter.builder()
                .setName("w")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(4, 4))
                .build());
  }

  static Lambda of(NDManager manager, BiFunction<NDArray, NDArray, NDArray> function) {
    return initialised(new Lambda(function, true), manager);
  }

  /** The parameter's array comes from the parameter itself. */
  static Lambda besideTheStore(NDManager manager, BiFunction<NDArray, NDArray, NDArray> function) {
    return initialised(new Lambda(function, false), manager);
  }

  private static Lambda initialised(Lambda block, NDManager manager) {
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
    return block;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.singletonOrThrow();
    NDArray weight = throughStore ? store.getValue(w, x.getDevice(), training) : w.getArray();
    return new NDList(function.apply(x, weight));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
