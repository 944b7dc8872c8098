package org.vpns.internal.runtime.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * How the patches of a plane are dealt out to tiles, which are multiplied at once, and these to
 * chunks, which stay in the second-level cache in between. Of a tile lie, one place of the patch
 * after the other, the vectors of one plane behind those of the one before.
 *
 * @param widths vectors of each tile
 * @param chunks each chunk's first tile, and at the end the number of tiles
 * @param firsts each tile's first patch, and at the end the number of patches
 * @param most patches of the largest chunk
 */
public record Patches(int[] widths, int[] chunks, int[] firsts, int most) {
  /** Vectors of a chunk's patches: second-level caches have 512 kB and more. */
  private static final int BYTES = 384 * 1024;

  /** Places of a patch. */
  public static final int PLACES = 16;

  /** Of so many patches of a plane, and so many planes. */
  public static Patches of(int count, int planes) {
    long each = (long) PLACES * planes * Wide.LANES * Float.BYTES;
    long room = Math.max(1, BYTES / each);
    List<Integer> widths = new ArrayList<>();
    List<Integer> chunks = new ArrayList<>(List.of(0));
    List<Integer> firsts = new ArrayList<>(List.of(0));
    int begin = 0;
    int most = 0;
    for (int done = 0; done < count; done += widths.get(widths.size() - 1)) {
      int width = DenseTiles.width(count - done);
      if (done + width - begin > room && done > begin) {
        chunks.add(widths.size());
        begin = done;
      }
      widths.add(width);
      firsts.add(done + width);
      most = Math.max(most, done + width - begin);
    }
    chunks.add(widths.size());
    return new Patches(ints(widths), ints(chunks), ints(firsts), most);
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(i -> i).toArray();
  }

  /** First patch of a chunk. */
  int first(int chunk) {
    return firsts[chunks[chunk]];
  }

  /** Floats from one place of the patches of so many planes to the next. */
  int stride(int planes) {
    return stride((long) planes * most);
  }

  /** Likewise, of so many vectors: an odd number, or all places would share cache lines. */
  static int stride(long vectors) {
    return Math.toIntExact((vectors | 1) * Wide.LANES);
  }
}
