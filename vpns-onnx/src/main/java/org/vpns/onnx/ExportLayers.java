package org.vpns.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import org.vpns.graph.op.Layers;
import org.vpns.graph.op.Shaping;

/** Layers with weights, in files. */
final class ExportLayers {
  private ExportLayers() {}

  static void convolution(Layers.Convolution conv, ExportNode at) {
    ExportCall call =
        at.has(2)
            ? at.call("Conv", at.in(0), at.in(1), at.in(2))
            : at.call("Conv", at.in(0), at.in(1));
    call.with("kernel_shape", at.shape(1).slice(2))
        .with("strides", conv.stride())
        .with("pads", bothSides(conv.padding()))
        .with("dilations", conv.dilation())
        .with("group", conv.groups())
        .to(at.out());
  }

  /** All beginnings, then all ends. */
  static long[] bothSides(Shape padding) {
    return Longs.concat(padding.getShape(), padding.getShape());
  }

  static void linear(Layers.Linear linear, ExportNode at) {
    if (at.shape(0).dimension() == 2) {
      ExportCall call =
          at.has(2)
              ? at.call("Gemm", at.in(0), at.in(1), at.in(2))
              : at.call("Gemm", at.in(0), at.in(1));
      call.with("transB", 1).to(at.out());
      return;
    }
    // the weight stays stored as it is trained, under its own name
    String turned = at.call("Transpose", at.in(1)).with("perm", new long[] {1, 0}).as("turned");
    if (at.has(2)) {
      String product = at.call("MatMul", at.in(0), turned).as("product");
      at.call("Add", product, at.in(2)).to(at.out());
    } else {
      at.call("MatMul", at.in(0), turned).to(at.out());
    }
  }

  static void batchNorm(Layers.BatchNorm norm, ExportNode at) {
    int channel = norm.channelAxis();
    if (channel == 1) {
      normalise(norm, at, at.in(0)).to(at.out());
      return;
    }
    long[] swap =
        Shaping.Transpose.swapping(at.shape(0).dimension(), 1, channel).permutation().stream()
            .mapToLong(Integer::longValue)
            .toArray();
    String front = at.call("Transpose", at.in(0)).with("perm", swap).as("front");
    String normal = normalise(norm, at, front).as("normal");
    at.call("Transpose", normal).with("perm", swap).to(at.out());
  }

  private static ExportCall normalise(Layers.BatchNorm norm, ExportNode at, String x) {
    // the graph's order: mean, variance, scale, shift
    return at.call("BatchNormalization", x, at.in(3), at.in(4), at.in(1), at.in(2))
        .with("epsilon", norm.eps())
        .with("momentum", norm.momentum());
  }

  static void layerNorm(Layers.LayerNorm norm, ExportNode at) {
    at.call("LayerNormalization", at.in(0), at.in(1), at.in(2))
        .with("axis", -norm.shape().dimension())
        .with("epsilon", norm.eps())
        .to(at.out());
  }

  static void dropout(Layers.Dropout dropout, ExportNode at) {
    at.call("Identity", at.in(0)).to(at.out());
  }

  static void matMul(Layers.MatMul product, ExportNode at) {
    at.call("MatMul", at.in(0), at.in(1)).to(at.out());
  }
}
