package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import java.util.function.Function;
import org.vpns.graph.trace.BlockTracer;

/** Networks of a few layers, for 3 x 4 x 4 images. */
final class SmallNetworks {
  /** Shape of one image. */
  static final Shape IMAGE = new Shape(3, 4, 4);

  private SmallNetworks() {}

  static Conv2d.Builder conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1));
  }

  static Block lambda(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }

  static SequentialBlock chain(Object... parts) {
    SequentialBlock block = new SequentialBlock();
    for (Object part : parts) {
      block.add(part instanceof Conv2d.Builder conv ? conv.build() : (Block) part);
    }
    return block;
  }

  static Block linear(int units) {
    return Linear.builder().setUnits(units).build();
  }

  static SequentialBlock twoConvolutions() {
    return chain(
        conv(6),
        BatchNorm.builder().build(),
        Activation.reluBlock(),
        Dropout.builder().optRate(0.5f).build(),
        conv(4));
  }

  /** A block for {@link #IMAGE} as a network, with random values. */
  static NetworkValues of(Block block, NDManager manager) {
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    GraphComparison.randomise(block, 3);
    return BlockTracer.network(block, IMAGE);
  }

  /** What a network makes of two images. */
  static float[] run(NetworkValues network, NDManager manager) {
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
    return GraphRun.forward(network, new NDList(x)).head().toFloatArray();
  }
}
