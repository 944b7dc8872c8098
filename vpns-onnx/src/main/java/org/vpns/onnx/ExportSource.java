package org.vpns.onnx;

import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;

/**
 * What goes into a file.
 *
 * @param network the network
 * @param input name of its input, numbered if there are several
 * @param output name of its result, numbered if there are several
 */
record ExportSource(NetworkValues network, String input, String output) {
  /** Another graph with the same parameters. */
  ExportSource with(ModelGraph graph, String newInput, String newOutput) {
    return new ExportSource(network.with(graph), newInput, newOutput);
  }
}
