package org.vpns.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.op.TransposedConvolution;

/** Layers with weights and pooling, in files. */
final class ExportLayers {
  private ExportLayers() {}

  static void convolution(Layers.Convolution conv, ExportNode at) {
    at.call("Conv", at.in(0), at.in(1))
        .optional(2)
        .with("kernel_shape", at.shape(1).slice(2))
        .with("strides", conv.stride())
        .with("pads", bothSides(conv.padding()))
        .with("dilations", conv.dilation())
        .with("group", conv.groups())
        .to(at.out());
  }

  /** All beginnings, then all ends. */
  private static long[] bothSides(Shape padding) {
    return Longs.concat(padding.getShape(), padding.getShape());
  }

  /**
   * Zeros at an end of the result are output padding of the format only at the far end and below
   * the stride, beyond which ONNX Runtime 1.21 misplaces values: more of them come of zeros around
   * the input, and what is too much then is cut.
   */
  static void transposedConvolution(TransposedConvolution conv, ExportNode at) {
    long[] cut = Longs.toArray(conv.cut());
    int axes = cut.length / 2;
    long[] more = new long[axes];
    long[] around = new long[2 * axes + 4];
    for (int i = 0; i < 2 * axes; i++) {
      long stride = conv.stride().get(i % axes);
      if (i >= axes && cut[i] < 0 && -cut[i] < stride) {
        more[i - axes] = -cut[i];
        cut[i] = 0;
      }
      long zeros = cut[i] < 0 ? -Math.floorDiv(cut[i], stride) : 0;
      cut[i] += zeros * stride;
      around[i < axes ? i + 2 : i + 4] = zeros;
    }
    String x = at.in(0);
    if (Arrays.stream(around).anyMatch(zeros -> zeros > 0)) {
      String zero = at.scalar("zero", 0, at.type(0));
      x = at.call("Pad", x, at.ints("around", around), zero).as("wider");
    }
    at.call("ConvTranspose", x, at.in(1))
        .optional(2)
        .with("kernel_shape", at.shape(1).slice(2))
        .with("strides", conv.stride())
        .with("pads", cut)
        .with("output_padding", more)
        .with("dilations", conv.dilation())
        .with("group", conv.groups())
        .to(at.out());
  }

  static void linear(Layers.Linear linear, ExportNode at) {
    if (at.shape(0).dimension() == 2) {
      at.call("Gemm", at.in(0), at.in(1)).optional(2).with("transB", 1).to(at.out());
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

  private static ExportNode.Call normalise(Layers.BatchNorm norm, ExportNode at, String x) {
    // the graph's order: mean, variance, scale, shift
    return at.call("BatchNormalization", x, at.in(3), at.in(4), at.in(1), at.in(2))
        .with("epsilon", norm.eps())
        .with("momentum", norm.momentum());
  }

  static void layerNorm(Layers.LayerNorm norm, ExportNode at) {
    if (norm.shape().size() == 1) {
      // one entry less its mean is none; ONNX Runtime refuses to take that mean
      String none = at.call("Sub", at.in(0), at.in(0)).as("none");
      String scaled = at.call("Mul", none, at.in(1)).as("scaled");
      at.call("Add", scaled, at.in(2)).to(at.out());
      return;
    }
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

  /**
   * A last, incomplete window is completed by padding at the end: the same windows, without the
   * format's ceil mode, whose sizes ONNX Runtime 1.21 infers otherwise than it computes them.
   *
   * <p>Averages differ between the engine and the format. The engine divides a window by the number
   * of its cells on the padded map: padding counts, what an incomplete window lacks does not. The
   * format counts both or none. So beside padding the mean of an incomplete window is scaled by the
   * number of cells of a whole window over that of its own.
   */
  static void pool(Pooling.Pool pool, ExportNode at) {
    boolean padded = LongStream.of(pool.padding().getShape()).anyMatch(p -> p > 0);
    boolean average = pool.pool() == Pooling.Kind.AVERAGE;
    boolean known = !Longs.contains(at.shape(0).slice(2).getShape(), -1);
    if (pool.ceil() && !known && average && padded) {
      throw new Unexportable("averages over padded, incomplete windows of maps of unknown size");
    }
    ExportNode.Call call =
        at.call(average ? "AveragePool" : "MaxPool", at.in(0))
            .with("kernel_shape", pool.kernel())
            .with("strides", pool.stride())
            .with("ceil_mode", pool.ceil() && !known ? 1 : 0);
    if (average) {
      call.with("count_include_pad", padded ? 1 : 0);
    }
    if (!pool.ceil() || !known) {
      call.with("pads", bothSides(pool.padding())).to(at.out());
      return;
    }
    Shape maps = at.shape(0).slice(2);
    Shape pooled = at.outShape().slice(2);
    call.with("pads", completed(pool, maps, pooled));
    List<double[]> shares = shares(pool, maps, pooled);
    boolean whole = shares.stream().allMatch(axis -> axis[axis.length - 1] == 1);
    if (average && padded && !whole) {
      String factors = at.floats("shares", dimensions(pooled), products(shares));
      at.call("Mul", call.as("whole"), factors).to(at.out());
    } else {
      call.to(at.out());
    }
  }

  /** Where the last window of an axis begins on the padded map. */
  private static long last(Pooling.Pool pool, Shape pooled, int axis) {
    return (pooled.get(axis) - 1) * pool.stride().get(axis);
  }

  /** Padding with which the last window of each axis just ends. */
  private static long[] completed(Pooling.Pool pool, Shape maps, Shape pooled) {
    int axes = maps.dimension();
    long[] pads = bothSides(pool.padding());
    for (int i = 0; i < axes; i++) {
      long end = last(pool, pooled, i) + pool.kernel().get(i);
      pads[axes + i] = Math.max(0, end - pool.padding().get(i) - maps.get(i));
    }
    return pads;
  }

  /** For each axis and window, cells of a whole window over those within the padded map. */
  private static List<double[]> shares(Pooling.Pool pool, Shape maps, Shape pooled) {
    List<double[]> shares = new ArrayList<>();
    for (int i = 0; i < maps.dimension(); i++) {
      long kernel = pool.kernel().get(i);
      long cells = maps.get(i) + 2 * pool.padding().get(i) - last(pool, pooled, i);
      double[] share = new double[Math.toIntExact(pooled.get(i))];
      Arrays.fill(share, 1);
      share[share.length - 1] = (double) kernel / Math.min(kernel, cells);
      shares.add(share);
    }
    return shares;
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
