package org.vpns.internal.flow;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import org.vpns.Problem;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;

/** Networks of which scores want the graph. */
public final class TracedBlock {
  private TracedBlock() {}

  /**
   * The graph of a block, with the block's own arrays.
   *
   * @param input shape of one input, (channels, height, width)
   * @throws IllegalArgumentException if the block cannot be traced; a TorchScript module cannot
   */
  public static NetworkValues of(Block block, Shape input) {
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
}
