package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.RandomBlocks;
import org.vpns.graph.trace.BlockTracer;

/** Networks of random parts against the engine. */
class RandomGraphsTest {
  @Test
  void randomNetworks_denseAndSparse_areTheEngines() {
    int refused = 0;
    for (int seed = 0; seed < 60; seed++) {
      try (NDManager manager = NDManager.newBaseManager()) {
        Block block = RandomBlocks.of(seed);
        block.initialize(manager, DataType.FLOAT32, new Shape(2).addAll(RandomBlocks.IMAGE));
        GraphComparison.randomise(block, seed);
        Against.mask(block, seed % 3 * 0.4, seed);
        try {
          Against.engine(BlockTracer.network(block, RandomBlocks.IMAGE), 1 + seed % 2, 1, 3);
        } catch (IllegalArgumentException e) {
          assertThat(e).hasMessageContaining("network that the sparse runtime cannot run");
          refused++;
        }
      }
    }
    // channels are shuffled over five axes, which the tracer may write in ways that mix images
    assertThat(refused).isLessThan(10);
  }
}
