package org.vpns.internal.onnx;

import java.io.IOException;
import java.util.List;
import org.vpns.io.FormatException;

/** An operator of the format: reads a node's attributes and says what the node does. */
@FunctionalInterface
interface OnnxOperator {
  /**
   * Reads a node.
   *
   * @throws FormatException if the node breaks the operator's rules or asks for something that is
   *     not supported
   */
  Step prepare(OnnxNode node) throws IOException;

  /** What a node does at each forward pass. */
  @FunctionalInterface
  interface Step {
    /** The node's outputs, in order; trailing unused ones may be left out. */
    List<OnnxValue> run(Operands in);
  }
}
