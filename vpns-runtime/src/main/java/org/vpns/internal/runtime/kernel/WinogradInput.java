package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;

/**
 * What {@link WinogradConvolution} multiplies: of each patch d of 4 x 4 pixels B' d B, with the
 * rows of B' (1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0) and (0, 1, 0, -1).
 *
 * @param in planes of the input
 * @param from for each patch of a plane its 16 vectors, floats from the plane's first
 * @param to first float of what is made
 */
public record WinogradInput(Planes in, int[] from, int to) {
  private static final int L = Wide.LANES;

  /**
   * Of an input of so many floats.
   *
   * @throws IllegalArgumentException if a patch reads what is no tensor's
   */
  public static WinogradInput of(Planes in, int[] from, int to, long reach) {
    Reach.requireInside(from, 0, (in.count() - 1) * in.plane() + L, 0, reach);
    return new WinogradInput(in, from, to);
  }

  /** Makes the patches of a chunk, of a share of the planes. */
  void run(float[] a, Patches patches, int chunk, int part, int parts) {
    int stride = patches.stride(in.count());
    int first = patches.first(chunk);
    int end = in.begin(part + 1, parts);
    for (int c = in.begin(part, parts); c < end; c++) {
      for (int tile = patches.chunks()[chunk]; tile < patches.chunks()[chunk + 1]; tile++) {
        int width = patches.widths()[tile];
        int patch = patches.firsts()[tile];
        int p = to + ((patch - first) * in.count() + c * width) * L;
        for (int i = 0; i < width; i++) {
          transform(a, in.at(c), Patches.PLACES * (patch + i), a, p + i * L, stride);
        }
      }
    }
  }

  /** The only patch of each plane, of a share of the planes; see {@link WinogradAcross}. */
  void dealOut(float[] a, int lanes, int part, int parts) {
    int groups = WinogradAcross.groups(lanes);
    int planes = in.count();
    int end = in.begin(part + 1, parts);
    float[] made = Scratch.floats();
    for (int c = in.begin(part, parts); c < end; c++) {
      transform(a, in.at(c), 0, made, Patches.PLACES * L, L);
      for (int k = 0; k < Patches.PLACES; k++) {
        for (int g = 0; g < groups; g++) {
          int source = (Patches.PLACES + k) * L + 4 * g;
          int target = to + ((k * groups + g) * planes + c) * 4;
          a[target] = made[source];
          a[target + 1] = made[source + 1];
          a[target + 2] = made[source + 2];
          a[target + 3] = made[source + 3];
        }
      }
    }
  }

  /** Columns, then rows: short loops, since the compiler looks into so many calls only. */
  private void transform(float[] a, int plane, int first, float[] made, int p, int stride) {
    float[] between = Scratch.floats();
    for (int i = 0; i < 4; i++) {
      FloatVector d0 = fromArray(FLOATS, a, plane + from[first + i]);
      FloatVector d1 = fromArray(FLOATS, a, plane + from[first + 4 + i]);
      FloatVector d2 = fromArray(FLOATS, a, plane + from[first + 8 + i]);
      FloatVector d3 = fromArray(FLOATS, a, plane + from[first + 12 + i]);
      int q = i * L;
      d0.sub(d2).intoArray(between, q);
      d1.add(d2).intoArray(between, q + 4 * L);
      d2.sub(d1).intoArray(between, q + 8 * L);
      d1.sub(d3).intoArray(between, q + 12 * L);
    }
    for (int i = 0; i < 4; i++) {
      int q = 4 * i * L;
      FloatVector d0 = fromArray(FLOATS, between, q);
      FloatVector d1 = fromArray(FLOATS, between, q + L);
      FloatVector d2 = fromArray(FLOATS, between, q + 2 * L);
      FloatVector d3 = fromArray(FLOATS, between, q + 3 * L);
      int m = p + 4 * i * stride;
      d0.sub(d2).intoArray(made, m);
      d1.add(d2).intoArray(made, m + stride);
      d2.sub(d1).intoArray(made, m + 2 * stride);
      d1.sub(d3).intoArray(made, m + 3 * stride);
    }
  }
}
