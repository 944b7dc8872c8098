package org.vpns.internal.runtime.kernel;

/**
 * How many cuts a convolution's input is worked through in. What a tile reads of a cut stays in the
 * first-level cache while all outputs read it; in exchange each output's sums are stored and loaded
 * again once for each further cut.
 */
public final class Cuts {
  /**
   * Bytes of a cut. Cores with vectors of 16 floats have caches of 32 or 48 kB, those with vectors
   * of 8 of 32.
   */
  private static final int BYTES = (Wide.LANES >= 16 ? 40 : 24) * 1024;

  /** Weights that an output reads in a cut, at least: fewer do not pay for its sums. */
  private static final int WEIGHTS = 12;

  /**
   * Likewise, where a tile is short, as all are with vectors of 8: a cut costs an output as much
   * there, and gains less.
   */
  private static final int SHORT_WEIGHTS = 64;

  /** Floats of a tile that is not short. */
  private static final int LONG = 128;

  private Cuts() {}

  /**
   * Of a convolution.
   *
   * @param planes that an output reads
   * @param furtherY rows that it reads of them beside its own
   * @param furtherX columns likewise
   * @param weights that an output has on average
   */
  public static int of(Geometry g, int planes, int furtherY, int furtherX, double weights) {
    long largest = 0;
    int longest = 0;
    for (Tile tile : SparseTiles.cover(g)) {
      int below = tile.delta() / g.pitch();
      int beside = tile.delta() % g.pitch();
      long read = (1L + below + furtherY) * (tile.width() + beside + furtherX);
      largest = Math.max(largest, read);
      longest = Math.max(longest, 2 * tile.width() * Wide.LANES);
    }
    long bytes = Math.min(largest, g.positions()) * planes * Wide.LANES * Float.BYTES;
    long fitting = (bytes + BYTES - 1) / BYTES;
    int least = longest < LONG ? SHORT_WEIGHTS : WEIGHTS;
    return (int) Math.max(1, Math.min(fitting, (long) (weights / least)));
  }
}
