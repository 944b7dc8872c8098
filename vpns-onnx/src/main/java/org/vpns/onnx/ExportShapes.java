package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import com.google.common.collect.Ordering;
import java.util.ArrayList;
import java.util.List;
import org.vpns.internal.graph.op.Filling;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Shaping;

/** Arrays in other shapes, joined, taken apart, selected from and made, in files. */
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
    // an axis of length 1 stretches to any
    List<Long> lengths = broadcast.shape().stream().map(d -> d == -1 ? 1 : d).toList();
    at.call("Expand", at.in(0), at.lengths("shape", lengths)).to(at.out());
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
    Cut[] cuts =
        flip.axes().stream().map(a -> new Cut(a, -1, Long.MIN_VALUE, -1)).toArray(Cut[]::new);
    slice(at, at.in(0), "", cuts).to(at.out());
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

  static void concat(Joining.Concat concat, ExportNode at) {
    at.call("Concat", at.all(at.outType())).with("axis", concat.axis()).to(at.out());
  }

  static void stack(Joining.Stack stack, ExportNode at) {
    String axis = at.ints("axes", stack.axis());
    String[] arrays = at.all(at.outType());
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = at.call("Unsqueeze", arrays[i], axis).as("layer" + i);
    }
    at.call("Concat", arrays).with("axis", stack.axis()).to(at.out());
  }

  static void split(Joining.Split split, ExportNode at) {
    int rank = at.shape(0).dimension();
    int axis = split.axis() < 0 ? split.axis() + rank : split.axis();
    long length = at.shape(0).get(axis);
    String[] outs = at.outs();
    long[] sizes = new long[outs.length];
    long begin = 0;
    for (int i = 0; i < outs.length; i++) {
      long end = i == outs.length - 1 ? length : split.indices().get(i);
      sizes[i] = end - begin;
      if (length == -1) {
        long to = i == outs.length - 1 ? Long.MAX_VALUE : end;
        slice(at, at.in(0), "part" + i, new Cut(axis, begin, to, 1)).to(outs[i]);
      }
      begin = end;
    }
    if (length != -1) {
      at.call("Split", at.in(0), at.ints("sizes", sizes)).with("axis", axis).to(outs);
    }
  }

  /** Positions of one axis. */
  private record Cut(long axis, long begin, long end, long step) {}

  private static ExportNode.Call slice(ExportNode at, String x, String role, Cut... cuts) {
    long[][] columns = new long[4][cuts.length];
    for (int i = 0; i < cuts.length; i++) {
      columns[0][i] = cuts[i].begin();
      columns[1][i] = cuts[i].end();
      columns[2][i] = cuts[i].axis();
      columns[3][i] = cuts[i].step();
    }
    return at.call(
        "Slice",
        x,
        at.ints(role + "starts", columns[0]),
        at.ints(role + "ends", columns[1]),
        at.ints(role + "axes", columns[2]),
        at.ints(role + "steps", columns[3]));
  }

  static void slice(Indexing.Slice slice, ExportNode at) {
    List<Cut> cuts = new ArrayList<>();
    List<Long> gone = new ArrayList<>();
    for (int axis = 0; axis < slice.ranges().size(); axis++) {
      Range range = slice.ranges().get(axis);
      if (range.equals(Range.ALL)) {
        continue;
      }
      long begin = range.begin() == null ? 0 : range.begin();
      long end = range.end() == null ? Long.MAX_VALUE : range.end();
      if (range.single()) {
        gone.add((long) axis);
        end = begin == -1 ? Long.MAX_VALUE : begin + 1;
      }
      cuts.add(new Cut(axis, begin, end, range.step() == null ? 1 : range.step()));
    }
    if (cuts.isEmpty()) {
      at.call("Identity", at.in(0)).to(at.out());
      return;
    }
    ExportNode.Call cut = slice(at, at.in(0), "", cuts.toArray(Cut[]::new));
    if (gone.isEmpty()) {
      cut.to(at.out());
    } else {
      String axes = at.ints("gone", gone.stream().mapToLong(Long::longValue).toArray());
      at.call("Squeeze", cut.as("cut"), axes).to(at.out());
    }
  }

  static void take(Indexing.Take take, ExportNode at) {
    DataType positions = at.type(1);
    if (positions == DataType.BOOLEAN) {
      throw new Unexportable("a selection by truth values, whose size depends on the data");
    }
    at.call("Gather", at.in(0), at.in(1, DataType.INT64)).with("axis", take.axis()).to(at.out());
  }

  static void gather(Indexing.Gather gather, ExportNode at) {
    at.call("GatherElements", at.in(0), at.in(1, DataType.INT64))
        .with("axis", gather.axis())
        .to(at.out());
  }
}
