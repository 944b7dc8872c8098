package org.vpns.internal.runtime.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Geometry.Halo;

/** How the maps of each size lie: all of one size alike, with room around for all that read it. */
final class Halos {
  private final Map<Long, Halo> needs = new HashMap<>();
  private final Map<Long, Geometry> known = new HashMap<>();

  /** Of a network's layers. */
  static Halos of(LayerList network) {
    Halos halos = new Halos();
    for (Layer layer : network.layers()) {
      if (network.isMaps(layer.output())) {
        int[] out = network.shapes().get(layer.output());
        if (layer instanceof Layer.Convolve c) {
          halos.add(out, reach(c.kernel()));
        } else if (layer instanceof Layer.Window w) {
          int[] in = network.shapes().get(w.in());
          halos.add(out, reach(w));
          if (isAligned(w, in, out)) {
            halos.add(in, aligned(w, in, out));
          }
        }
      }
    }
    return halos;
  }

  private void add(int[] shape, Halo halo) {
    needs.merge(key(shape[1], shape[2]), halo, Halo::and);
  }

  private static long key(int height, int width) {
    return (long) height << 32 | width;
  }

  /** Of maps of a shape. */
  Geometry geometry(int[] shape) {
    long key = key(shape[1], shape[2]);
    return known.computeIfAbsent(
        key, k -> Geometry.of(shape[1], shape[2], needs.getOrDefault(k, Halo.NONE)));
  }

  private static Halo reach(Layer.Kernel k) {
    return reach(
        k.height(),
        k.width(),
        k.strideY(),
        k.strideX(),
        k.top(),
        k.left(),
        k.dilationY(),
        k.dilationX());
  }

  static Halo reach(Layer.Window w) {
    return reach(w.height(), w.width(), w.strideY(), w.strideX(), w.top(), w.left(), 1, 1);
  }

  private static Halo reach(
      int height,
      int width,
      int strideY,
      int strideX,
      int top,
      int left,
      int dilationY,
      int dilationX) {
    return new Halo(
        Math.max(0, -Math.floorDiv(-top, strideY)),
        Math.max(0, -Math.floorDiv(-left, strideX)),
        Math.max(0, Math.floorDiv((height - 1) * dilationY - top, strideY)),
        Math.max(0, Math.floorDiv((width - 1) * dilationX - left, strideX)));
  }

  /** Whether each lane's windows lie in that lane's block of the input. */
  static boolean isAligned(Layer.Window w, int[] in, int[] out) {
    if (in[1] * in[2] <= 1) {
      return false;
    }
    Geometry from = Geometry.of(in[1], in[2], Halo.NONE);
    Geometry to = Geometry.of(out[1], out[2], Halo.NONE);
    return from.gridY() == to.gridY()
        && from.gridX() == to.gridX()
        && from.blockY() == w.strideY() * to.blockY()
        && from.blockX() == w.strideX() * to.blockX();
  }

  private static Halo aligned(Layer.Window w, int[] in, int[] out) {
    Geometry from = Geometry.of(in[1], in[2], Halo.NONE);
    Geometry to = Geometry.of(out[1], out[2], Halo.NONE);
    int lastY = (to.blockY() - 1) * w.strideY() + w.height() - 1 - w.top();
    int lastX = (to.blockX() - 1) * w.strideX() + w.width() - 1 - w.left();
    return new Halo(
        w.top(),
        w.left(),
        Math.max(0, lastY - from.blockY() + 1),
        Math.max(0, lastX - from.blockX() + 1));
  }

  /** All sizes that are known, for tests. */
  List<Geometry> all() {
    return List.copyOf(known.values());
  }
}
