package org.vpns.onnx;

import org.vpns.graph.op.Operator;

/** Turns an operator of one type into nodes of a file. */
interface Emitter<T extends Operator> {
  /**
   * Adds the nodes.
   *
   * @throws Unexportable if the file cannot express this operator
   */
  void emit(T operator, ExportNode at);
}
