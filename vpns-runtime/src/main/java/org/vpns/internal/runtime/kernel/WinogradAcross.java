package org.vpns.internal.runtime.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * A {@link WinogradConvolution} of maps so small that a lane has one patch only. A weight would be
 * loaded and spread for each product of vectors; so lanes are outputs here and not pixels, and what
 * is spread are numbers of the patches, four pixels at once. Sums change places at the end.
 *
 * @param input makes what is multiplied: for each place of the patch, for each four lanes, for each
 *     plane, these lanes' numbers side by side
 * @param values G g G': for each of 16 places of the patch, for each block of outputs, for each
 *     plane of the input, the block's outputs side by side
 * @param bias one number for each output, filled up with zeros to whole blocks
 * @param between first float of memory for the sums
 * @param lanes how many have a block of the map
 * @param to the patch's four outputs, floats from the plane's first; -1 where there is none
 */
public record WinogradAcross(
    WinogradInput input, float[] values, float[] bias, int between, int lanes, int[] to, Sums sums)
    implements SeveralPieces {
  private static final int L = Wide.LANES;
  private static final int PLACES = Patches.PLACES;

  /** Vectors that {@link DenseTiles#four} multiplies with a number. */
  private static final int VECTORS = 4;

  /** Outputs that are computed at once. */
  public static final int BLOCK = VECTORS * L;

  /** Fours of lanes. */
  static int groups(int lanes) {
    return (lanes + 3) / 4;
  }

  /** Floats of memory for patches. */
  public static long transformed(int planes, int lanes) {
    return 4L * PLACES * planes * groups(lanes);
  }

  /** Floats of memory for the sums of so many outputs, a multiple of a block. */
  public static long between(int outputs, int lanes) {
    return 4L * PLACES * outputs * groups(lanes);
  }

  @Override
  public List<Step> pieces() {
    return List.of((a, part, parts) -> input.dealOut(a, lanes, part, parts), this::multiply);
  }

  private void multiply(float[] a, int part, int parts) {
    int blocks = bias.length / BLOCK;
    int end = Wide.begin(blocks, part + 1, parts);
    int begin = Wide.begin(blocks, part, parts);
    for (int b = begin; b < end; b++) {
      products(a, b, blocks);
      for (int v = 0; v < VECTORS; v++) {
        outputs(a, b, v);
      }
    }
    sums.complete(a, begin * BLOCK, end * BLOCK);
  }

  /** Floats of a block's sums for a place of the patch. */
  private int stride() {
    return 4 * groups(lanes) * BLOCK;
  }

  private void products(float[] a, int block, int blocks) {
    int planes = input.in().count();
    for (int k = 0; k < PLACES; k++) {
      int weights = (k * blocks + block) * planes * BLOCK;
      for (int g = 0; g < groups(lanes); g++) {
        int numbers = input.to() + (k * groups(lanes) + g) * planes * 4;
        int q = between + (block * PLACES + k) * stride() + 4 * g * BLOCK;
        DenseTiles.four(values, planes, a, numbers, DenseTiles.NOTHING, 0, weights, a, q);
      }
    }
  }

  /** Makes the outputs of a vector: what lies in its lanes is turned into vectors of pixels. */
  private void outputs(float[] a, int block, int vector) {
    float[] scratch = Scratch.floats();
    int turned = 16 * L;
    int first = block * BLOCK + vector * L;
    for (int lane = 0; lane < lanes; lane++) {
      int p = between + block * PLACES * stride() + lane * BLOCK + vector * L;
      WinogradConvolution.transform(a, p, stride(), 0, scratch);
      for (int i = 0; i < 4; i++) {
        for (int o = 0; o < L; o++) {
          scratch[turned + (4 * o + i) * L + lane] = scratch[i * L + o] + bias[first + o];
        }
      }
    }
    for (int i = 0; i < 4 * L * L && lanes < L; i += L) {
      Arrays.fill(scratch, turned + i + lanes, turned + i + L, 0);
    }
    int count = Math.min(L, sums.planes().count() - first);
    for (int o = 0; o < count; o++) {
      for (int i = 0; i < 4; i++) {
        if (to[i] >= 0) {
          int place = (first + o) * sums.planes().plane() + to[i];
          sums.store(a, scratch, turned + (4 * o + i) * L, place);
        }
      }
    }
  }
}
