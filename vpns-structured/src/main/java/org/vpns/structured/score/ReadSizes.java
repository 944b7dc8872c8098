package org.vpns.structured.score;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.op.TransposedConvolution;

/**
 * For each position along a weight's axis that reads channels: mean |x| over images and space for
 * convolutions, sum |x| over rows for linear layers and products of matrices. Of several positions
 * of x, as in a grouped convolution, the sum; of several readings with one weight, all of them.
 */
final class ReadSizes {
  private final ModelGraph graph;
  private final Map<Integer, List<Reading>> readings = new HashMap<>(); // by tensor that is read

  /** A weight's axis that reads channels: of a tensor, along an axis counted from its end. */
  private static final class Reading {
    final int length;
    final int fromEnd;
    final boolean mean;
    final double[] sums;
    long entries;

    Reading(int length, int fromEnd, boolean mean) {
      this.length = length;
      this.fromEnd = fromEnd;
      this.mean = mean;
      sums = new double[length];
    }

    void add(NDArray x) {
      int rank = x.getShape().dimension();
      int axis = rank - fromEnd;
      int[] others = IntStream.range(0, rank).filter(d -> d != axis).toArray();
      double[] channels;
      // sums of half floats would end at 65,504
      DataType wide = x.getDataType() == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
      try (NDArray sizes = x.abs();
          NDArray floats = sizes.toType(wide, false);
          NDArray sum = floats.sum(others);
          NDArray doubles = sum.toType(DataType.FLOAT64, true)) {
        channels = doubles.toDoubleArray();
      }
      for (int c = 0; c < channels.length; c++) {
        sums[c % length] += channels[c];
      }
      entries += x.size() / channels.length;
    }
  }

  private ReadSizes(ModelGraph graph) {
    this.graph = graph;
  }

  /** By parameter and axis, as members print. */
  static Map<String, double[]> of(ChannelContext context) {
    ReadSizes sizes = new ReadSizes(context.network().graph());
    Map<String, List<Reading>> found = new HashMap<>();
    for (GraphParameter p : sizes.graph.parameters()) {
      for (int axis = 0; axis < p.shape().dimension(); axis++) {
        List<Reading> own = new ArrayList<>();
        sizes.follow(p.tensor(), axis, Math.toIntExact(p.shape().get(axis)), own);
        if (!own.isEmpty()) {
          found.put(p.path() + "[" + axis + "]", own);
        }
      }
    }
    sizes.watch(context);
    Map<String, double[]> result = new HashMap<>();
    found.forEach((member, own) -> result.put(member, total(own)));
    return result;
  }

  /** Where a weight's axis reads channels, through transpositions of the weight. */
  private void follow(int tensor, int axis, int length, List<Reading> into) {
    for (ModelGraph.Reader reader : graph.readers(tensor)) {
      GraphNode node = reader.node();
      Operator operator = node.operator();
      int rank = graph.tensor(tensor).shape().dimension();
      if (operator instanceof Shaping.Transpose turned) {
        follow(node.outputs().get(0), turned.permutation().indexOf(axis), length, into);
      } else if (operator instanceof Layers.Convolution && reader.input() == 1 && axis == 1) {
        read(node, 0, rank - 1, true, length, into);
      } else if (operator instanceof TransposedConvolution && reader.input() == 1 && axis == 0) {
        read(node, 0, rank - 1, true, length, into);
      } else if (operator instanceof Layers.Linear && reader.input() == 1 && axis == 1) {
        read(node, 0, 1, false, length, into);
      } else if (operator instanceof Layers.MatMul && reader.input() == 1 && axis == rank - 2) {
        read(node, 0, 1, false, length, into);
      } else if (operator instanceof Layers.MatMul && reader.input() == 0 && axis == rank - 1) {
        read(node, 1, 2, false, length, into);
      }
    }
  }

  private void read(
      GraphNode node, int input, int fromEnd, boolean mean, int length, List<Reading> into) {
    Reading reading = new Reading(length, fromEnd, mean);
    readings.computeIfAbsent(node.inputs().get(input), t -> new ArrayList<>()).add(reading);
    into.add(reading);
  }

  private void watch(ChannelContext context) {
    context
        .images()
        .forEach(
            (inputs, labels) -> {
              try (NDScope arrays = new NDScope();
                  NDManager scope = inputs.getManager().newSubManager()) {
                arrays.suppressNotUsedWarning();
                NDArray handle = inputs.stopGradient();
                handle.attach(scope);
                GraphRun.sideBySide(context.network(), List.of(new NDList(handle)), this::look);
              }
            });
  }

  private void look(GraphNode node, List<NDArray[]> made) {
    for (int i = 0; i < node.outputs().size(); i++) {
      for (Reading reading : readings.getOrDefault(node.outputs().get(i), List.of())) {
        reading.add(made.get(0)[i]);
      }
    }
  }

  private static double[] total(List<Reading> readings) {
    double[] total = new double[readings.get(0).length];
    long entries = readings.stream().mapToLong(r -> r.entries).sum();
    for (Reading reading : readings) {
      for (int p = 0; p < total.length; p++) {
        total[p] += reading.mean && entries > 0 ? reading.sums[p] / entries : reading.sums[p];
      }
    }
    return total;
  }
}
