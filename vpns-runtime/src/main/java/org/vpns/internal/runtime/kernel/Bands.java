package org.vpns.internal.runtime.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Tiles in bands of rows. What the outputs read of a band stays in the second-level cache, while
 * each output is written in runs as long as possible.
 */
final class Bands {
  /**
   * At most half of what cores with such vectors have, as outputs and weights pass through it, too:
   * 1 MB with vectors of 16 floats, 512 kB with those of 8, where 192 were the fastest of 64 to 512
   * kB.
   */
  private static final int BYTES = (Wide.LANES >= 16 ? 512 : 192) * 1024;

  private Bands() {}

  /**
   * Of a block.
   *
   * @param inPlanes planes that the outputs read
   */
  static Tile[][] of(Geometry g, int inPlanes, int... widths) {
    List<Tile> tiles = new ArrayList<>(Tile.cover(g, widths));
    tiles.sort(Comparator.comparingInt(Tile::position));
    long row = (long) inPlanes * g.pitch() * Wide.LANES * Float.BYTES;
    long rows = Math.max(1, BYTES / row - g.halo().top() - g.halo().bottom());
    List<Tile[]> bands = new ArrayList<>();
    int first = 0;
    for (int i = 1; i <= tiles.size(); i++) {
      boolean ends =
          i == tiles.size()
              || tiles.get(i).position() / g.pitch()
                  >= tiles.get(first).position() / g.pitch() + rows;
      if (ends) {
        bands.add(tiles.subList(first, i).toArray(new Tile[0]));
        first = i;
      }
    }
    return bands.toArray(new Tile[0][]);
  }
}
