package org.vpns.runtime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** A network of the sparse runtime as a block. */
final class SparseBlock extends AbstractBlock {
  private final SparseNetwork network;

  SparseBlock(SparseNetwork network) {
    super((byte) 1);
    this.network = network;
    beforeInitialize(new Shape(-1).addAll(network.image()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    if (training) {
      throw Problem.state(
          "training of a network that is ready to run",
          "SparseNetwork.block",
          "a forward pass in evaluation mode",
          "one in training mode",
          "train the network that it was made of");
    }
    NDArray images = inputs.singletonOrThrow();
    Shape shape = images.getShape();
    if (shape.dimension() == 0
        || !shape.slice(1).equals(network.image())
        || images.getDataType() != DataType.FLOAT32) {
      throw Problem.argument(
          "images of another size",
          "SparseNetwork.block",
          new Shape(-1).addAll(network.image()) + " float32",
          shape + " " + images.getDataType(),
          "prepare the network for this size");
    }
    int batch = Math.toIntExact(shape.get(0));
    FloatBuffer numbers = images.toByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    float[] values = new float[numbers.remaining()];
    numbers.get(values);
    float[] results = new float[batch * network.outputs()];
    network.run(values, batch, results);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(results.length * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(results);
    return new NDList(images.getManager().create(bytes, network.results(batch), DataType.FLOAT32));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {network.results(inputShapes[0].get(0))};
  }

  @Override
  public String toString() {
    return network.toString();
  }
}
