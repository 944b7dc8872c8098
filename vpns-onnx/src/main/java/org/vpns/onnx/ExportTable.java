package org.vpns.onnx;

import com.google.common.collect.ImmutableMap;
import java.util.function.BiConsumer;
import org.vpns.graph.op.Elementwise;
import org.vpns.graph.op.Filling;
import org.vpns.graph.op.Indexing;
import org.vpns.graph.op.Joining;
import org.vpns.graph.op.Layers;
import org.vpns.graph.op.Operator;
import org.vpns.graph.op.Pooling;
import org.vpns.graph.op.Recurrent;
import org.vpns.graph.op.Reductions;
import org.vpns.graph.op.Shaping;

/** What becomes of each type of operator in a file. */
final class ExportTable {
  private static final ImmutableMap<Class<?>, BiConsumer<Operator, ExportNode>> EMITTERS =
      new Table()
          .put(Layers.Convolution.class, ExportLayers::convolution)
          .put(Layers.Linear.class, ExportLayers::linear)
          .put(Layers.BatchNorm.class, ExportLayers::batchNorm)
          .put(Layers.LayerNorm.class, ExportLayers::layerNorm)
          .put(Layers.Dropout.class, ExportLayers::dropout)
          .put(Layers.MatMul.class, ExportLayers::matMul)
          .put(Pooling.Pool.class, ExportPooling::pool)
          .put(Pooling.GlobalPool.class, ExportPooling::globalPool)
          .put(Elementwise.Unary.class, ExportFunctions::unary)
          .put(Elementwise.Sloped.class, ExportFunctions::sloped)
          .put(Elementwise.Clip.class, ExportFunctions::clip)
          .put(Elementwise.Cast.class, ExportFunctions::cast)
          .put(Elementwise.Binary.class, ExportPairs::binary)
          .put(Elementwise.WithNumber.class, ExportPairs::withNumber)
          .put(Elementwise.Where.class, ExportPairs::where)
          .put(Reductions.Reduce.class, ExportReductions::reduce)
          .put(Reductions.Softmax.class, ExportReductions::softmax)
          .put(Joining.Concat.class, ExportParts::concat)
          .put(Joining.Stack.class, ExportParts::stack)
          .put(Joining.Split.class, ExportParts::split)
          .put(Indexing.Slice.class, ExportParts::slice)
          .put(Indexing.Take.class, ExportParts::take)
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

  private ExportTable() {}

  /** Whether operators of a type are in the table. */
  static boolean knows(Class<? extends Operator> type) {
    return EMITTERS.containsKey(type);
  }

  /**
   * Adds an operator's nodes to the file.
   *
   * @throws Unexportable if the file cannot express it
   */
  static void emit(Operator operator, ExportNode at) {
    BiConsumer<Operator, ExportNode> emitter = EMITTERS.get(operator.getClass());
    if (emitter == null) {
      throw new Unexportable("no known counterpart");
    }
    emitter.accept(operator, at);
  }

  /** Collects emitters, each for its own type of operator. */
  private static final class Table {
    private final ImmutableMap.Builder<Class<?>, BiConsumer<Operator, ExportNode>> emitters =
        ImmutableMap.builder();

    <T extends Operator> Table put(Class<T> type, Emitter<T> emitter) {
      emitters.put(type, (operator, at) -> emitter.emit(type.cast(operator), at));
      return this;
    }

    ImmutableMap<Class<?>, BiConsumer<Operator, ExportNode>> build() {
      return emitters.buildOrThrow();
    }
  }
}
