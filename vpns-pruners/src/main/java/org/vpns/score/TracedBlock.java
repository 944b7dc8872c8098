package org.vpns.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;

/** Networks of which scores want the graph. */
final class TracedBlock {
  private TracedBlock() {}

  /**
   * The graph of a block, with the block's own arrays.
   *
   * @param input shape of one input, (channels, height, width)
   * @throws IllegalArgumentException if the block cannot be traced; a TorchScript module cannot
   */
  static NetworkValues of(Block block, Shape input) {
    if (block instanceof SymbolBlock) {
      throw Problem.argument(
          "network without a graph",
          "TorchScript module",
          "a block of DJL, whose operators can be seen",
          block.getClass().getSimpleName(),
          "give the network as ONNX or as a block; SNIP and exact GraSP take modules");
    }
    return BlockTracer.network(block, input);
  }

  /** An input of an operator that must be there. */
  static NDArray present(@Nullable NDArray array) {
    if (array == null) {
      throw new IllegalStateException("missing input of an operator");
    }
    return array;
  }
}
