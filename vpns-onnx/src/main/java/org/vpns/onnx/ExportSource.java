package org.vpns.onnx;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;

/**
 * What goes into a file.
 *
 * @param network the network
 * @param inputs names of its inputs
 * @param outputs names of its results
 */
record ExportSource(
    NetworkValues network, ImmutableList<String> inputs, ImmutableList<String> outputs) {
  /** A network whose inputs and results have these names, numbered if there are several. */
  static ExportSource of(NetworkValues network, String input, String output) {
    ModelGraph graph = network.graph();
    Set<String> taken = new HashSet<>();
    graph.parameters().stream().map(GraphParameter::path).forEach(taken::add);
    return new ExportSource(
        network,
        numbered(graph.inputs().size(), input, taken),
        numbered(graph.outputs().size(), output, taken));
  }

  private static ImmutableList<String> numbered(int count, String name, Set<String> taken) {
    ImmutableList.Builder<String> names = ImmutableList.builder();
    for (int i = 0; i < count; i++) {
      names.add(unique(count == 1 ? name : name + i, taken));
    }
    return names.build();
  }

  /** A name that nothing has: the wanted one, or that with a number. */
  static String unique(String wanted, Set<String> taken) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Another graph with the same parameters. */
  ExportSource with(ModelGraph graph, String newInput, String newOutput) {
    return of(network.with(graph), newInput, newOutput);
  }

  /** The same under other names. */
  ExportSource named(List<String> newInputs, List<String> newOutputs) {
    return new ExportSource(
        network, ImmutableList.copyOf(newInputs), ImmutableList.copyOf(newOutputs));
  }
}
