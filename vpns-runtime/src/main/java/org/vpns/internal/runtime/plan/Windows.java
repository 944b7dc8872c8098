package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.List;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Pool;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Wide;

/** Pooling over windows. */
final class Windows {
  private Windows() {}

  /** Whether no window looks beyond the map. */
  static boolean staysInside(Layer.Window w, int[] in, int[] out) {
    return w.top() == 0
        && w.left() == 0
        && (out[1] - 1) * w.strideY() + w.height() <= in[1]
        && (out[2] - 1) * w.strideX() + w.width() <= in[2];
  }

  /**
   * Pooling to maps.
   *
   * @param aligned whether the input lies as maps of its own size; else as phases of the output's
   * @param atLeastZero whether no value of the input is below 0
   */
  static Step pool(
      Layer.Window w,
      Slot in,
      int[] inShape,
      Slot out,
      int[] outShape,
      boolean aligned,
      boolean atLeastZero) {
    Geometry to = out.layout.planes();
    Geometry from = in.layout.planes();
    List<int[]> places = new ArrayList<>();
    for (int y = 0; y < to.blockY(); y++) {
      for (int x = 0; x < to.blockX(); x++) {
        int position =
            aligned ? from.position(y * w.strideY(), x * w.strideX()) : from.position(y, x);
        places.add(new int[] {position * Wide.LANES, to.position(y, x) * Wide.LANES});
      }
    }
    int plane = in.layout.channel(inShape);
    return new Pool(
        new Planes(in.base(), inShape[0], plane, null),
        out.planes(),
        taps(w, from, aligned),
        places.stream().mapToInt(p -> p[0]).toArray(),
        places.stream().mapToInt(p -> p[1]).toArray(),
        w.largest() ? new float[0] : factors(w, inShape, outShape, to),
        atLeastZero);
  }

  /** Floats from a window's place to its values. */
  static int[] taps(Layer.Window w, Geometry from, boolean aligned) {
    int strideY = aligned ? 1 : w.strideY();
    int strideX = aligned ? 1 : w.strideX();
    int[] taps = new int[w.height() * w.width()];
    for (int i = 0; i < taps.length; i++) {
      int down = i / w.width() - w.top();
      int right = i % w.width() - w.left();
      int phase = Math.floorMod(down, strideY) * strideX + Math.floorMod(right, strideX);
      int shift = Math.floorDiv(down, strideY) * from.pitch() + Math.floorDiv(right, strideX);
      taps[i] = phase * from.plane() + shift * Wide.LANES;
    }
    return taps;
  }

  /** One over the size of each window, padding included, as far as the padding goes. */
  private static float[] factors(Layer.Window w, int[] in, int[] out, Geometry g) {
    float[] factors = new float[g.blockY() * g.blockX() * Wide.LANES];
    for (int i = 0; i < factors.length; i++) {
      int lane = i % Wide.LANES;
      int position = i / Wide.LANES;
      int y = lane / g.gridX() * g.blockY() + position / g.blockX();
      int x = lane % g.gridX() * g.blockX() + position % g.blockX();
      boolean inside = lane < g.gridY() * g.gridX() && y < out[1] && x < out[2];
      factors[i] = inside ? 1f / size(w, in, y, x) : 0;
    }
    return factors;
  }

  private static int size(Layer.Window w, int[] in, int y, int x) {
    int top = y * w.strideY() - w.top();
    int left = x * w.strideX() - w.left();
    int rows = Math.min(top + w.height(), in[1] + w.top()) - top;
    int columns = Math.min(left + w.width(), in[2] + w.left()) - left;
    return rows * columns;
  }

  /** Pixels of the map that the only window holds. */
  static int[] single(Layer.Window w, int[] in) {
    List<Integer> pixels = new ArrayList<>();
    for (int y = Math.max(0, -w.top()); y < Math.min(in[1], w.height() - w.top()); y++) {
      for (int x = Math.max(0, -w.left()); x < Math.min(in[2], w.width() - w.left()); x++) {
        pixels.add(y * in[2] + x);
      }
    }
    return pixels.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Those pixels of all channels. */
  static int[] gather(int[] pixels, int[] in) {
    int[] table = new int[in[0] * pixels.length];
    for (int i = 0; i < table.length; i++) {
      table[i] = i / pixels.length * in[1] * in[2] + pixels[i % pixels.length];
    }
    return table;
  }

  static float share(Layer.Window w, int[] in) {
    return 1f / size(w, in, 0, 0);
  }
}
