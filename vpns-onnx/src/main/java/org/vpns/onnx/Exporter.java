package org.vpns.onnx;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Filling;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Recurrent;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.op.TransposedConvolution;

/** Turns networks into graphs of files, by a table of what becomes of each type of operator. */
final class Exporter {
  private static final ImmutableMap<Class<?>, Emitter<Operator>> EMITTERS =
      new Table()
          .put(Layers.Convolution.class, ExportLayers::convolution)
          .put(TransposedConvolution.class, ExportLayers::transposedConvolution)
          .put(Layers.Linear.class, ExportLayers::linear)
          .put(Layers.BatchNorm.class, ExportLayers::batchNorm)
          .put(Layers.LayerNorm.class, ExportLayers::layerNorm)
          .put(Layers.Dropout.class, ExportLayers::dropout)
          .put(Layers.MatMul.class, ExportLayers::matMul)
          .put(Pooling.Pool.class, ExportLayers::pool)
          .put(Pooling.GlobalPool.class, ExportLayers::globalPool)
          .put(Elementwise.Unary.class, ExportFunctions::unary)
          .put(Elementwise.Sloped.class, ExportFunctions::sloped)
          .put(Elementwise.Clip.class, ExportFunctions::clip)
          .put(Elementwise.Cast.class, ExportFunctions::cast)
          .put(Elementwise.Binary.class, ExportFunctions::binary)
          .put(Elementwise.WithNumber.class, ExportFunctions::withNumber)
          .put(Elementwise.Where.class, ExportFunctions::where)
          .put(Reductions.Reduce.class, ExportFunctions::reduce)
          .put(Reductions.ArgExtreme.class, ExportFunctions::argExtreme)
          .put(Reductions.TopK.class, ExportFunctions::topK)
          .put(Reductions.Softmax.class, ExportFunctions::softmax)
          .put(Joining.Concat.class, ExportShapes::concat)
          .put(Joining.Stack.class, ExportShapes::stack)
          .put(Joining.Split.class, ExportShapes::split)
          .put(Indexing.Slice.class, ExportShapes::slice)
          .put(Indexing.Take.class, ExportShapes::take)
          .put(Indexing.Gather.class, ExportShapes::gather)
          .put(Shaping.Reshape.class, ExportShapes::reshape)
          .put(Shaping.Transpose.class, ExportShapes::transpose)
          .put(Shaping.Squeeze.class, ExportShapes::squeeze)
          .put(Shaping.ExpandDims.class, ExportShapes::expandDims)
          .put(Shaping.Broadcast.class, ExportShapes::broadcast)
          .put(Shaping.Pad.class, ExportShapes::pad)
          .put(Shaping.Flip.class, ExportShapes::flip)
          .put(Filling.Fill.class, ExportShapes::fill)
          .put(Filling.FillLike.class, ExportShapes::fillLike)
          .put(
              Recurrent.class,
              (operator, at) -> {
                throw new Unexportable("recurrent layers have no export");
              })
          .build();

  private Exporter() {}

  /** Turns an operator of one type into nodes of a file. */
  private interface Emitter<T extends Operator> {
    /**
     * Adds the nodes.
     *
     * @throws Unexportable if the file cannot express this operator
     */
    void emit(T operator, ExportNode at);
  }

  /** Collects emitters, each for its own type of operator. */
  private static final class Table {
    private final ImmutableMap.Builder<Class<?>, Emitter<Operator>> emitters =
        ImmutableMap.builder();

    <T extends Operator> Table put(Class<T> type, Emitter<T> emitter) {
      emitters.put(type, (operator, at) -> emitter.emit(type.cast(operator), at));
      return this;
    }

    ImmutableMap<Class<?>, Emitter<Operator>> build() {
      return emitters.buildOrThrow();
    }
  }

  /** Whether operators of a type are in the table. */
  static boolean knows(Class<? extends Operator> type) {
    return EMITTERS.containsKey(type);
  }

  /**
   * The graph of a network for a file.
   *
   * @throws IllegalArgumentException if the format cannot express some of its operators: it names
   *     all of them
   */
  static ExportGraph graph(ExportSource source) {
    ExportGraph file = new ExportGraph(source);
    List<GraphNode> nodes = source.network().graph().nodes();
    List<String> refused = new ArrayList<>();
    for (GraphNode node : nodes) {
      try {
        emit(node.operator(), new ExportNode(file, node));
      } catch (Unexportable e) {
        refused.add(node.name() + " (" + node.operator().kind() + ": " + e.reason() + ")");
      }
    }
    file.end();
    if (!refused.isEmpty()) {
      throw Problem.argument(
          "operators that an ONNX file cannot express",
          String.join(", ", refused),
          "operators of opset " + OnnxWriter.OPSET,
          refused.size() + " others among " + nodes.size(),
          "replace these layers; nothing was written");
    }
    return file;
  }

  private static void emit(Operator operator, ExportNode at) {
    Emitter<Operator> emitter = EMITTERS.get(operator.getClass());
    if (emitter == null) {
      throw new Unexportable("no known counterpart");
    }
    emitter.emit(operator, at);
  }
}
