package org.vpns.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.vpns.graph.op.Pooling;

/**
 * Pooling, in files.
 *
 * <p>Averages differ between the engine and the format. The engine divides a window by the number
 * of its cells on the padded map: padding counts, what a last, incomplete window lacks does not.
 * The format knows both ways for padding, but not for that last window. So an incomplete window
 * beside padding is completed by more padding at the end, and its mean scaled by the number of
 * cells of a whole window over that of its own.
 */
final class ExportPooling {
  private ExportPooling() {}

  static void pool(Pooling.Pool pool, ExportNode at) {
    if (pool.pool() == Pooling.Kind.MAX) {
      window(pool, at, "MaxPool")
          .with("pads", ExportLayers.bothSides(pool.padding()))
          .with("ceil_mode", pool.ceil() ? 1 : 0)
          .to(at.out());
      return;
    }
    boolean padded = LongStream.of(pool.padding().getShape()).anyMatch(p -> p > 0);
    if (!pool.ceil() || !padded) {
      window(pool, at, "AveragePool")
          .with("pads", ExportLayers.bothSides(pool.padding()))
          .with("ceil_mode", pool.ceil() ? 1 : 0)
          .with("count_include_pad", padded ? 1 : 0)
          .to(at.out());
    } else {
      completed(pool, at);
    }
  }

  private static ExportCall window(Pooling.Pool pool, ExportNode at, String type) {
    return at.call(type, at.in(0))
        .with("kernel_shape", pool.kernel())
        .with("strides", pool.stride());
  }

  private static void completed(Pooling.Pool pool, ExportNode at) {
    int axes = pool.kernel().dimension();
    Shape maps = at.shape(0).slice(2);
    Shape pooled = at.outShape().slice(2);
    if (Longs.contains(maps.getShape(), -1)) {
      throw new Unexportable("averages over padded, incomplete windows of maps of unknown size");
    }
    long[] pads = ExportLayers.bothSides(pool.padding());
    List<double[]> shares = new ArrayList<>();
    boolean whole = true;
    for (int i = 0; i < axes; i++) {
      long kernel = pool.kernel().get(i);
      long padding = pool.padding().get(i);
      long last = (pooled.get(i) - 1) * pool.stride().get(i);
      long room = maps.get(i) + 2 * padding;
      // without incomplete window some padding may be left over at the end
      pads[axes + i] = Math.max(0, padding + last + kernel - room);
      double[] share = new double[(int) pooled.get(i)];
      Arrays.fill(share, 1);
      if (last + kernel > room) {
        share[share.length - 1] = (double) kernel / (room - last);
        whole = false;
      }
      shares.add(share);
    }
    ExportCall means =
        window(pool, at, "AveragePool").with("pads", pads).with("count_include_pad", 1);
    if (whole) {
      means.to(at.out());
      return;
    }
    String mean = means.as("whole");
    at.call("Mul", mean, at.floats("shares", dimensions(pooled), products(shares))).to(at.out());
  }

  private static List<Long> dimensions(Shape pooled) {
    List<Long> dimensions = new ArrayList<>(List.of(1L, 1L));
    dimensions.addAll(Longs.asList(pooled.getShape()));
    return dimensions;
  }

  /** The product of one factor for each axis, row-major. */
  private static float[] products(List<double[]> factors) {
    double[] products = {1};
    for (double[] factor : factors) {
      double[] next = new double[products.length * factor.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = products[i / factor.length] * factor[i % factor.length];
      }
      products = next;
    }
    float[] result = new float[products.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) products[i];
    }
    return result;
  }

  static void globalPool(Pooling.GlobalPool pool, ExportNode at) {
    String type = pool.pool() == Pooling.Kind.MAX ? "GlobalMaxPool" : "GlobalAveragePool";
    at.call("Flatten", at.call(type, at.in(0)).as("maps")).with("axis", 1).to(at.out());
  }
}
