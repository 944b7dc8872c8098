package org.vpns.onnx;

import org.vpns.graph.op.Reductions;

/** Values combined along axes, in files. */
final class ExportReductions {
  private ExportReductions() {}

  static void reduce(Reductions.Reduce reduce, ExportNode at) {
    boolean selects =
        reduce.reduction() == Reductions.Kind.MAX || reduce.reduction() == Reductions.Kind.MIN;
    if (!at.type(0).isFloating() && !selects) {
      throw new Unexportable("of values of type " + at.type(0));
    }
    if (reduce.axes().isEmpty()) {
      throw new Unexportable("along no axis");
    }
    long[] axes = reduce.axes().stream().mapToLong(Integer::longValue).toArray();
    ExportCall call =
        switch (reduce.reduction()) {
          case MEAN -> at.call("ReduceMean", at.in(0)).with("axes", axes);
          // of all reductions, sums alone take their axes as an input at this opset
          case SUM -> at.call("ReduceSum", at.in(0), at.ints("axes", axes));
          case MAX -> at.call("ReduceMax", at.in(0)).with("axes", axes);
          case MIN -> at.call("ReduceMin", at.in(0)).with("axes", axes);
          case PROD -> at.call("ReduceProd", at.in(0)).with("axes", axes);
        };
    call.with("keepdims", reduce.keep() ? 1 : 0).to(at.out());
  }

  static void softmax(Reductions.Softmax softmax, ExportNode at) {
    at.call(softmax.log() ? "LogSoftmax" : "Softmax", at.in(0))
        .with("axis", softmax.axis())
        .to(at.out());
  }
}
