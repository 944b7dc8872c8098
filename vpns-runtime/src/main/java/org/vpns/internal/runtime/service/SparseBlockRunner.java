package org.vpns.internal.runtime.service;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.BlockRunner;
import org.vpns.runtime.SparseNetwork;
import org.vpns.runtime.SparseRuntime;

/** The sparse runtime with a thread for each processor. */
public final class SparseBlockRunner implements BlockRunner {
  /** For the service loader. */
  public SparseBlockRunner() {}

  @Override
  public String name() {
    return "sparse runtime";
  }

  @Override
  public boolean isSparse() {
    return true;
  }

  @Override
  public @Nullable String missing() {
    return SparseRuntime.missing().orElse(null);
  }

  @Override
  public Prepared prepare(Block block, Shape image) {
    int threads = Runtime.getRuntime().availableProcessors();
    return new Ready(
        SparseRuntime.standard().threads(threads).prepare(BlockTracer.network(block, image)));
  }

  private record Ready(SparseNetwork network) implements Prepared {
    @Override
    public Block block() {
      return network.block();
    }

    @Override
    public String describe() {
      return network.describe();
    }

    @Override
    public void close() {
      network.close();
    }
  }
}
