package org.vpns.internal.graph.op;

import com.google.common.collect.ImmutableBiMap;
import org.vpns.graph.op.Operator;

/** All operators. */
public final class Operators {
  /** Their types by the name that texts of graphs have for them under {@code kind}. */
  public static final ImmutableBiMap<String, Class<? extends Operator>> TYPES =
      ImmutableBiMap.<String, Class<? extends Operator>>builder()
          .put("conv", Layers.Convolution.class)
          .put("transposedConv", TransposedConvolution.class)
          .put("linear", Layers.Linear.class)
          .put("batchNorm", Layers.BatchNorm.class)
          .put("layerNorm", Layers.LayerNorm.class)
          .put("dropout", Layers.Dropout.class)
          .put("matMul", Layers.MatMul.class)
          .put("pool", Pooling.Pool.class)
          .put("globalPool", Pooling.GlobalPool.class)
          .put("unary", Elementwise.Unary.class)
          .put("sloped", Elementwise.Sloped.class)
          .put("binary", Elementwise.Binary.class)
          .put("number", Elementwise.WithNumber.class)
          .put("clip", Elementwise.Clip.class)
          .put("where", Elementwise.Where.class)
          .put("cast", Elementwise.Cast.class)
          .put("reduce", Reductions.Reduce.class)
          .put("argExtreme", Reductions.ArgExtreme.class)
          .put("topK", Reductions.TopK.class)
          .put("softmax", Reductions.Softmax.class)
          .put("concat", Joining.Concat.class)
          .put("stack", Joining.Stack.class)
          .put("split", Joining.Split.class)
          .put("slice", Indexing.Slice.class)
          .put("take", Indexing.Take.class)
          .put("gather", Indexing.Gather.class)
          .put("reshape", Shaping.Reshape.class)
          .put("transpose", Shaping.Transpose.class)
          .put("squeeze", Shaping.Squeeze.class)
          .put("expandDims", Shaping.ExpandDims.class)
          .put("broadcast", Shaping.Broadcast.class)
          .put("pad", Shaping.Pad.class)
          .put("flip", Shaping.Flip.class)
          .put("fill", Filling.Fill.class)
          .put("fillLike", Filling.FillLike.class)
          .put("recurrent", Recurrent.class)
          .buildOrThrow();

  private Operators() {}
}
