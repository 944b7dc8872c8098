package org.vpns.internal.runtime.plan;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Cuts;
import org.vpns.internal.runtime.kernel.DenseConvolution;
import org.vpns.internal.runtime.kernel.DenseLinear;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.SparseConvolution;
import org.vpns.internal.runtime.kernel.SparseLinear;
import org.vpns.internal.runtime.kernel.SparseRows;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Sums;

/** Steps of layers with weights. */
final class Convolutions {
  private Convolutions() {}

  static Step sparse(Layer.Convolve c, Geometry g, Slot in, @Nullable Slot residual, Slot out) {
    int away = residual == null ? 0 : residual.base() - in.base();
    List<SparseRows> cuts =
        Weights.sparse(c.kernel(), g, c.bias(), residual != null, away, cuts(c.kernel(), g));
    long reach = Math.max(in.size, residual == null ? 0 : (long) away + residual.size);
    return SparseConvolution.of(cuts, in.base(), out.planes(), g, reach, c.clamp());
  }

  private static int cuts(Layer.Kernel k, Geometry g) {
    return Cuts.of(
        g,
        k.inputs() * Math.min(k.strideY(), k.height()) * Math.min(k.strideX(), k.width()),
        (k.height() - 1) * k.dilationY() / k.strideY(),
        (k.width() - 1) * k.dilationX() / k.strideX(),
        Weights.count(k.weight()) / (double) k.outputs());
  }

  static Step dense(Layer.Convolve c, Geometry g, Slot in, @Nullable Slot residual, Slot out) {
    Layer.Kernel k = c.kernel();
    return DenseConvolution.of(
        Weights.offsets(k, g),
        Weights.grouped(k.weight(), k.outputs()),
        Arrays.copyOf(c.bias(), Weights.padded(k.outputs())),
        in.base(),
        sums(c, residual, out),
        g,
        in.size);
  }

  static Sums sums(Layer.Convolve c, @Nullable Slot residual, Slot out) {
    return new Sums(out.planes(), residual == null ? -1 : residual.base(), c.clamp());
  }

  static Step linear(float[] weight, float[] bias, Slot in, Slot out, Clamp clamp) {
    return Weights.isDense(weight)
        ? new DenseLinear(weight, bias, in.base(), out.base(), clamp)
        : new SparseLinear(Weights.matrix(weight, bias), in.base(), out.base(), clamp);
  }
}
