package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * A convolution of 3 x 3 weights, most of them there, by 16 multiplications for each four outputs
 * in place of 36: F(2 x 2, 3 x 3) of Lavin and Gray, Fast Algorithms for Convolutional Neural
 * Networks (2016). Of a patch d of the input and weights g the outputs are A' (G g G' x B' d B) A,
 * multiplied place by place and summed over the input's planes; {@link WinogradInput} makes B' d B.
 *
 * @param input makes what is multiplied, chunk by chunk in the same place
 * @param values G g G': for each of 16 places of the patch, for each group of outputs, for each
 *     plane of the input, the group's outputs side by side
 * @param bias one number for each output, filled up with zeros to whole groups
 * @param between first float of memory for the sums of a tile
 * @param to for each patch its four outputs, floats from the plane's first; -1 where there is none
 */
public record WinogradConvolution(
    WinogradInput input,
    float[] values,
    float[] bias,
    int between,
    Patches patches,
    int[] to,
    Sums sums)
    implements SeveralPieces {
  private static final int L = Wide.LANES;
  private static final int OUTPUTS = DenseTiles.OUTPUTS;

  private static final int PLACES = Patches.PLACES;

  /** Floats of a group's sums; the same for all tiles, as shares may be at different ones. */
  private static final int GROUP = OUTPUTS * DenseTiles.WIDEST * L;

  /** Floats of memory for the patches of a chunk. */
  public static long transformed(Patches patches, int planes) {
    return (long) PLACES * patches.stride(planes);
  }

  /** Floats of memory for the sums of a tile. */
  public static int between(int outputs) {
    return PLACES * Patches.stride((long) DenseTiles.WIDEST * outputs);
  }

  @Override
  public List<Step> pieces() {
    List<Step> pieces = new ArrayList<>();
    for (int i = 0; i + 1 < patches.chunks().length; i++) {
      int chunk = i;
      pieces.add((a, part, parts) -> input.run(a, patches, chunk, part, parts));
      pieces.add((a, part, parts) -> multiply(a, chunk, part, parts));
    }
    return pieces;
  }

  private void multiply(float[] a, int chunk, int part, int parts) {
    int groups = bias.length / OUTPUTS;
    int g0 = Wide.begin(groups, part, parts);
    int g1 = Wide.begin(groups, part + 1, parts);
    int end = Math.min(g1 * OUTPUTS, sums.planes().count());
    int planes = input.in().count();
    int before = patches.first(chunk);
    int last = patches.chunks()[chunk + 1];
    for (int tile = patches.chunks()[chunk]; tile < last; tile++) {
      int first = patches.firsts()[tile];
      int width = patches.widths()[tile];
      products(a, input.to() + (first - before) * planes * L, width, g0, g1);
      for (int t = 0; t < width; t++) {
        outputs(a, first + t, between + t * L, DenseTiles.room(width) * L, g0 * OUTPUTS, end);
      }
    }
    if (last == patches.widths().length) {
      sums.complete(a, g0 * OUTPUTS, g1 * OUTPUTS);
    }
  }

  /** Sums of the products of a tile. */
  private void products(float[] a, int from, int width, int g0, int g1) {
    int planes = input.in().count();
    int inStride = patches.stride(planes);
    int outStride = Patches.stride((long) DenseTiles.WIDEST * bias.length);
    int groups = bias.length / OUTPUTS;
    for (int k = 0; k < PLACES; k++) {
      for (int g = g0; g < g1; g++) {
        int w = (k * groups + g) * planes * OUTPUTS;
        int q = between + k * outStride + g * GROUP;
        DenseTiles.tile(
            a, width, planes, values, w, DenseTiles.NOTHING, 0, from + k * inStride, a, q);
      }
    }
  }

  /** Makes outputs of a patch's sums, which in a group lie so far from those before. */
  private void outputs(float[] a, int patch, int from, int each, int r0, int r1) {
    int stride = Patches.stride((long) DenseTiles.WIDEST * bias.length);
    float[] four = Scratch.floats();
    for (int r = r0; r < r1; r++) {
      int p = from + r / OUTPUTS * GROUP + r % OUTPUTS * each;
      transform(a, p, stride, bias[r], four);
      int plane = r * sums.planes().plane();
      for (int i = 0; i < 4; i++) {
        int place = to[4 * patch + i];
        if (place >= 0) {
          sums.store(a, four, i * L, plane + place);
        }
      }
    }
  }

  /** A' m A with the rows of A' (1, 1, 1, 0) and (0, 1, -1, -1), plus a number. */
  static void transform(float[] a, int p, int stride, float bias, float[] four) {
    FloatVector plus = broadcast(FLOATS, bias);
    for (int i = 0; i < 4; i++) {
      int q = p + i * stride;
      FloatVector m0 = fromArray(FLOATS, a, q);
      FloatVector m1 = fromArray(FLOATS, a, q + 4 * stride);
      FloatVector m2 = fromArray(FLOATS, a, q + 8 * stride);
      FloatVector m3 = fromArray(FLOATS, a, q + 12 * stride);
      m0.add(m1).add(m2).intoArray(four, (4 + i) * L);
      m1.sub(m2).sub(m3).intoArray(four, (8 + i) * L);
    }
    for (int i = 0; i < 2; i++) {
      int q = 4 * (i + 1) * L;
      FloatVector m0 = fromArray(FLOATS, four, q);
      FloatVector m1 = fromArray(FLOATS, four, q + L);
      FloatVector m2 = fromArray(FLOATS, four, q + 2 * L);
      FloatVector m3 = fromArray(FLOATS, four, q + 3 * L);
      m0.add(m1).add(m2).add(plus).intoArray(four, 2 * i * L);
      m1.sub(m2).sub(m3).add(plus).intoArray(four, (2 * i + 1) * L);
    }
  }
}
