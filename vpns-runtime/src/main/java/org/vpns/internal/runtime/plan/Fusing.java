package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Unary;

/**
 * Collects layers, then makes one of several where that changes nothing: batch norm becomes part of
 * the layer before it, limits and sums part of what makes their operand, a border part of the
 * convolution that reads it.
 */
final class Fusing {
  private final List<int[]> shapes = new ArrayList<>();
  private final List<Layer> layers = new ArrayList<>();

  /** A new value. */
  int value(int[] shape) {
    shapes.add(shape.clone());
    return shapes.size() - 1;
  }

  int[] shape(int value) {
    return shapes.get(value).clone();
  }

  /** Adds a layer; gives its value. */
  int add(Layer layer) {
    layers.add(layer);
    return layer.output();
  }

  int convolve(int in, int output, Layer.Kernel kernel, float[] bias) {
    return add(new Layer.Convolve(in, -1, output, kernel, bias, Clamp.NONE));
  }

  int scale(int in, int output, double[] scale, double[] shift) {
    return add(new Layer.Scale(in, output, scale, shift, Clamp.NONE));
  }

  int clamp(int in, int output, Clamp limits) {
    return add(new Layer.Apply(in, output, Unary.Function.SAME, 0, limits));
  }

  int combine(int left, int right, int output, Binary.Function function) {
    return add(new Layer.Combine(left, right, output, function, Clamp.NONE));
  }

  /** The layers that are left. */
  LayerList finish(int input, int output) {
    List<@Nullable Layer> done = new ArrayList<>();
    int[] maker = new int[shapes.size()];
    Arrays.fill(maker, -1);
    int[] readers = readers(layers.stream(), output);
    for (Layer layer : layers) {
      place(layer, done, maker, readers);
    }
    return new LayerList(List.copyOf(shapes), live(done, output), input, output);
  }

  private int[] readers(Stream<Layer> all, int output) {
    int[] readers = new int[shapes.size()];
    readers[output]++;
    all.forEach(layer -> layer.inputs().forEach(v -> readers[v]++));
    return readers;
  }

  private void place(Layer layer, List<@Nullable Layer> done, int[] maker, int[] readers) {
    Layer fused = null;
    int first = layer.inputs().isEmpty() ? -1 : maker[layer.inputs().get(0)];
    Layer before = first < 0 ? null : done.get(first);
    boolean alone = before != null && readers[before.output()] == 1;
    if (layer instanceof Layer.Convolve c
        && before instanceof Layer.Rearrange r
        && r.border() != null) {
      Layer.Kernel padded = c.kernel().padded(r.border()[0], r.border()[1]);
      append(new Layer.Convolve(r.in(), -1, c.output(), padded, c.bias(), c.clamp()), done, maker);
      return;
    }
    if (layer instanceof Layer.Combine sum && withResidual(sum, done, maker, readers)) {
      return;
    }
    if (alone && before != null) {
      if (layer instanceof Layer.Scale scale) {
        fused = scaled(before, scale);
      } else if (layer instanceof Layer.Apply a && a.function() == Unary.Function.SAME) {
        fused = before.clamped(a.output(), a.clamp());
      }
    }
    if (fused == null) {
      append(layer, done, maker);
    } else {
      done.set(first, fused);
      maker[fused.output()] = first;
    }
  }

  private static void append(Layer layer, List<@Nullable Layer> done, int[] maker) {
    maker[layer.output()] = done.size();
    done.add(layer);
  }

  /**
   * The convolution that made one of the operands adds the other; the one made last, if both are.
   */
  private boolean withResidual(
      Layer.Combine sum, List<@Nullable Layer> done, int[] maker, int[] readers) {
    if (sum.function() != Binary.Function.ADD
        || !Arrays.equals(shapes.get(sum.left()), shapes.get(sum.right()))) {
      return false;
    }
    int left = summing(maker[sum.left()], done, readers);
    int right = summing(maker[sum.right()], done, readers);
    int at = Math.max(left, right);
    if (at < 0 || !(done.get(at) instanceof Layer.Convolve c)) {
      return false;
    }
    int other = at == left ? sum.right() : sum.left();
    done.set(at, null);
    append(
        new Layer.Convolve(c.in(), other, sum.output(), c.kernel(), c.bias(), sum.clamp()),
        done,
        maker);
    return true;
  }

  /** The same place, if a convolution there can take a sum in; else -1. */
  private int summing(int at, List<@Nullable Layer> done, int[] readers) {
    Layer layer = at < 0 ? null : done.get(at);
    if (!(layer instanceof Layer.Convolve c)) {
      return -1;
    }
    int[] shape = shapes.get(c.output());
    boolean plain = c.residual() < 0 && c.clamp().isNone() && readers[c.output()] == 1;
    return plain && shape[1] * shape[2] > 1 ? at : -1;
  }

  /** A layer with a batch norm behind it, or null. */
  private static @Nullable Layer scaled(Layer before, Layer.Scale norm) {
    if (before instanceof Layer.Convolve c && c.clamp().isNone() && c.residual() < 0) {
      float[] weight = c.kernel().weight().clone();
      float[] bias = c.bias().clone();
      return scale(weight, bias, norm) ? c.weighted(norm.output(), weight, bias) : null;
    }
    if (before instanceof Layer.Multiply m && m.clamp().isNone()) {
      float[] weight = m.weight().clone();
      float[] bias = m.bias().clone();
      return scale(weight, bias, norm)
          ? new Layer.Multiply(m.in(), norm.output(), weight, bias, norm.clamp())
          : null;
    }
    return null;
  }

  /** False if a number would no longer be finite. */
  private static boolean scale(float[] weight, float[] bias, Layer.Scale norm) {
    int per = weight.length / bias.length;
    boolean finite = true;
    for (int o = 0; o < bias.length; o++) {
      for (int i = o * per; i < (o + 1) * per; i++) {
        // a removed weight stays +0.0 under a negative scale
        weight[i] = weight[i] == 0 ? 0 : (float) (weight[i] * norm.scale()[o]);
        finite &= Float.isFinite(weight[i]);
      }
      bias[o] = (float) (bias[o] * norm.scale()[o] + norm.shift()[o]);
      finite &= Float.isFinite(bias[o]);
    }
    return finite;
  }

  /** Without those that nobody reads. */
  private List<Layer> live(List<@Nullable Layer> done, int output) {
    boolean[] read = new boolean[shapes.size()];
    read[output] = true;
    List<Layer> live = new ArrayList<>();
    for (int i = done.size() - 1; i >= 0; i--) {
      Layer layer = done.get(i);
      if (layer != null && read[layer.output()]) {
        live.add(0, layer);
        layer.inputs().forEach(v -> read[v] = true);
      }
    }
    return live;
  }
}
