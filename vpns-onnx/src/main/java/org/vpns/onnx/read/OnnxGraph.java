package org.vpns.onnx.read;

import java.util.List;
import java.util.Map;

/**
 * A graph that has been checked: every value has one producer, which comes before its readers, and
 * every node is one that can be run.
 *
 * @param source what to call the file in messages
 * @param tensors initialisers by name, in the file's order
 * @param inputs inputs that are no initialisers
 * @param outputs names of the outputs
 */
record OnnxGraph(
    String source,
    int opset,
    String producer,
    List<Item> nodes,
    Map<String, StoredTensor> tensors,
    List<OnnxPort> inputs,
    List<String> outputs) {

  /** A node with what it does. */
  record Item(OnnxNode node, OnnxOperator.Step step, boolean onHost) {}
}
