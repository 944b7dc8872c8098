package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import org.junit.jupiter.api.Test;
import org.vpns.graph.trace.BlockTracer;

/** Networks whose axis of images holds frames, rows or heads of each image as well. */
class FoldedImagesTest {
  /** Five frames of two channels. */
  private static final Shape IMAGE = new Shape(5, 2, 4, 4);

  private static Block block(NDManager manager) {
    Block block =
        new SequentialBlock()
            .add(LambdaBlock.singleton(x -> x.reshape(-1, 2, 4, 4)))
            .add(Conv2d.builder().setFilters(3).setKernelShape(new Shape(3, 3)).build())
            .add(LambdaBlock.singleton(x -> x.reshape(-1, 12)))
            .add(Linear.builder().setUnits(6).build())
            .add(
                LambdaBlock.singleton(
                    x -> x.reshape(-1, 5, 2, 3).transpose(0, 2, 1, 3).reshape(-1, 5, 3)))
            .add(LambdaBlock.singleton(x -> x.matMul(x.transpose(0, 2, 1)).reshape(-1, 50)));
    block.initialize(manager, DataType.FLOAT32, new Shape(2).addAll(IMAGE));
    return block;
  }

  private static void requireCounts(ModelGraph graph) {
    LayerTable table = LayerTable.of(graph);
    // 4 places of 5 frames, 5 rows, 2 heads of 5 x 5
    assertThat(table.layers().stream().map(LayerCost::macs))
        .containsExactly(5 * 4 * 54L, 5 * 72L, 2 * 25 * 3L);
    assertThat(table.layers().stream().map(LayerCost::output))
        .containsExactly(new Shape(5, 3, 2, 2), new Shape(5, 6), new Shape(2, 5, 5));
    assertThat(table.macs()).isEqualTo(1_080 + 360 + 150);
  }

  @Test
  void multiplyAdds_areThoseOfAllThatAnImageHas() {
    try (NDManager manager = NDManager.newBaseManager()) {
      requireCounts(BlockTracer.trace(block(manager), IMAGE));
    }
  }

  @Test
  void multiplyAdds_ofAGraphForSeveralImages_areThoseOfOne() {
    try (NDManager manager = NDManager.newBaseManager()) {
      requireCounts(BlockTracer.of(IMAGE).batch(2).trace(block(manager)));
    }
  }
}
