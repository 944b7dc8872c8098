package org.vpns.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import java.util.HashMap;
import java.util.Map;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

/**
 * What goes into a file.
 *
 * @param graph the graph
 * @param values values of its parameters, by path
 * @param input name of its input, numbered if there are several
 * @param output name of its result, numbered if there are several
 */
record ExportSource(ModelGraph graph, Map<String, NDArray> values, String input, String output) {
  /** A graph with the values of a block. */
  static ExportSource of(ModelGraph graph, Block block) {
    Map<String, NDArray> values = new HashMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      values.put(p.path(), p.parameter().getArray());
    }
    return new ExportSource(graph, values, "input", "output");
  }

  /** Another graph with the same parameters. */
  ExportSource with(ModelGraph newGraph, String newInput, String newOutput) {
    return new ExportSource(newGraph, values, newInput, newOutput);
  }

  /** Values of a parameter. */
  NDArray array(GraphParameter parameter) {
    NDArray array = values.get(parameter.path());
    if (array == null) {
      throw new IllegalStateException("no values for " + parameter.path());
    }
    return array;
  }
}
