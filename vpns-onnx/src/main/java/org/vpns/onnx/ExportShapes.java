package org.vpns.onnx;

import com.google.common.collect.Ordering;
import java.util.List;
import org.vpns.graph.op.Filling;
import org.vpns.graph.op.Shaping;

/** Changes of shape, and arrays of one value, in files. */
final class ExportShapes {
  private ExportShapes() {}

  private static long[] longs(List<Integer> list) {
    return list.stream().mapToLong(Integer::longValue).toArray();
  }

  /** 0 and -1 mean the same here and there. */
  static void reshape(Shaping.Reshape reshape, ExportNode at) {
    long[] shape = reshape.shape().stream().mapToLong(Long::longValue).toArray();
    at.call("Reshape", at.in(0), at.ints("shape", shape)).to(at.out());
  }

  static void transpose(Shaping.Transpose transpose, ExportNode at) {
    if (Ordering.natural().isOrdered(transpose.permutation())) {
      // ONNX Runtime 1.21 takes every transpose of a matrix before a product for one that swaps
      at.call("Identity", at.in(0)).to(at.out());
      return;
    }
    at.call("Transpose", at.in(0)).with("perm", longs(transpose.permutation())).to(at.out());
  }

  static void squeeze(Shaping.Squeeze squeeze, ExportNode at) {
    at.call("Squeeze", at.in(0), at.ints("axes", longs(squeeze.axes()))).to(at.out());
  }

  static void expandDims(Shaping.ExpandDims expand, ExportNode at) {
    at.call("Unsqueeze", at.in(0), at.ints("axes", expand.axis())).to(at.out());
  }

  static void broadcast(Shaping.Broadcast broadcast, ExportNode at) {
    at.call("Expand", at.in(0), at.lengths("shape", broadcast.shape())).to(at.out());
  }

  static void pad(Shaping.Pad pad, ExportNode at) {
    int rank = at.shape(0).dimension();
    long[] pads = new long[2 * rank];
    for (int i = 0; i < pad.padding().dimension() / 2; i++) {
      pads[rank - 1 - i] = pad.padding().get(2 * i);
      pads[2 * rank - 1 - i] = pad.padding().get(2 * i + 1);
    }
    String value = at.scalar("value", pad.value(), at.type(0));
    at.call("Pad", at.in(0), at.ints("pads", pads), value).to(at.out());
  }

  static void flip(Shaping.Flip flip, ExportNode at) {
    ExportParts.reversed(flip.axes(), at);
  }

  static void fill(Filling.Fill fill, ExportNode at) {
    at.call("ConstantOfShape", at.lengths("shape", fill.shape()))
        .filling(fill.value(), fill.type())
        .to(at.out());
  }

  static void fillLike(Filling.FillLike fill, ExportNode at) {
    at.call("ConstantOfShape", at.call("Shape", at.in(0)).as("shape"))
        .filling(fill.ones() ? 1 : 0, at.outType())
        .to(at.out());
  }
}
