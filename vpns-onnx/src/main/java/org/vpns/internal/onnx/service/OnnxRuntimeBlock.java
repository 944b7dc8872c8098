package org.vpns.internal.onnx.service;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A network of ONNX Runtime that takes and gives arrays of another engine. */
final class OnnxRuntimeBlock extends AbstractBlock {
  private final Model model;

  OnnxRuntimeBlock(Model model, Shape image) {
    super((byte) 1);
    this.model = model;
    beforeInitialize(new Shape(-1).addAll(image));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray images = inputs.singletonOrThrow();
    try (NDManager scope = model.getNDManager().newSubManager()) {
      NDArray there =
          scope.create(
              direct(images.toByteBuffer(), scope), images.getShape(), images.getDataType());
      NDArray result =
          model
              .getBlock()
              .forward(new ParameterStore(scope, false), new NDList(there), false)
              .head();
      NDManager back = images.getManager();
      ByteBuffer numbers = direct(result.toByteBuffer(), back);
      return new NDList(back.create(numbers, result.getShape(), result.getDataType()));
    }
  }

  /** A copy in memory that an engine can take over. */
  private static ByteBuffer direct(ByteBuffer bytes, NDManager manager) {
    ByteBuffer copy = manager.allocateDirect(bytes.remaining());
    copy.put(bytes).rewind();
    return copy;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    throw new UnsupportedOperationException("known when it has run");
  }
}
