package org.vpns;

import ai.djl.nn.Block;
import ai.djl.nn.ParameterList;

/** The parameters of a block, if its engine shows any. */
final class BlockParameters {
  private BlockParameters() {}

  /**
   * All of them.
   *
   * @param where for the message
   * @throws IllegalStateException if an engine runs the network as a whole and shows none, as ONNX
   *     Runtime does
   */
  static ParameterList of(Block block, String where) {
    try {
      return block.getParameters();
    } catch (UnsupportedOperationException e) {
      IllegalStateException problem =
          Problem.state(
              "network whose parameters cannot be seen",
              where,
              "a network of blocks, or a TorchScript module",
              block.getClass().getSimpleName() + ", which its engine runs as a whole",
              "read its file into blocks, one of ONNX by Onnx.read(file)");
      problem.initCause(e);
      throw problem;
    }
  }
}
