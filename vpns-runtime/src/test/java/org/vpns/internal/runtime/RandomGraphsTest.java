package org.vpns.internal.runtime;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.RandomBlocks;
import org.vpns.graph.trace.BlockTracer;

/** Networks of random parts against the engine. */
class RandomGraphsTest {
  @Property(tries = 60)
  void randomNetwork_ofAnySparsity_isTheEngines(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 0.95) double sparsity,
      @ForAll @IntRange(min = 1, max = 2) int threads) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = RandomBlocks.of(seed);
      block.initialize(manager, DataType.FLOAT32, new Shape(2).addAll(RandomBlocks.IMAGE));
      GraphComparison.randomise(block, seed);
      Against.mask(block, sparsity, seed);
      Against.engine(BlockTracer.network(block, RandomBlocks.IMAGE), threads, 1, 3);
    }
  }
}
