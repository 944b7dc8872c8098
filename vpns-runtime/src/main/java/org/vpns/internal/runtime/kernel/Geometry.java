package org.vpns.internal.runtime.kernel;

/**
 * How a map lies in vectors: cut into a grid of equal blocks, a block in each lane, so that a step
 * to a neighbouring pixel is a step to another vector. Around the block's positions lie those of
 * its neighbours' pixels, or zeros outside of the map.
 *
 * @param height of the map
 * @param width of the map
 * @param gridY blocks below each other
 * @param gridX blocks side by side
 * @param blockY rows of a block
 * @param blockX columns of a block
 * @param halo positions around the block
 */
public record Geometry(
    int height, int width, int gridY, int gridX, int blockY, int blockX, Halo halo) {
  /** Positions on the four sides of a block. */
  public record Halo(int top, int left, int bottom, int right) {
    /** Nothing. */
    public static final Halo NONE = new Halo(0, 0, 0, 0);

    /** The larger one on each side. */
    public Halo and(Halo other) {
      return new Halo(
          Math.max(top, other.top),
          Math.max(left, other.left),
          Math.max(bottom, other.bottom),
          Math.max(right, other.right));
    }

    /** Whether another one has room in this. */
    public boolean covers(Halo other) {
      return and(other).equals(this);
    }
  }

  /** The grid with the fewest vectors; of those, one with the shortest border. */
  public static Geometry of(int height, int width, Halo halo) {
    Geometry best = null;
    for (int gridY = 1; gridY <= Wide.LANES; gridY++) {
      int gridX = Wide.LANES / gridY;
      int blockY = ceil(height, gridY);
      int blockX = ceil(width, gridX);
      Geometry found =
          new Geometry(
              height, width, ceil(height, blockY), ceil(width, blockX), blockY, blockX, halo);
      if (best == null || found.cost() < best.cost()) {
        best = found;
      }
    }
    if (best == null) {
      throw new IllegalStateException("no lanes");
    }
    return best;
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }

  private long cost() {
    // rows of whole runs first, then wide blocks before high ones: their rows are contiguous
    int broken = blockX % SparseTiles.RUN == 0 ? 0 : 1;
    long border = 2 * (blockY + 2L) * (blockX + 2L) + broken;
    return ((long) blockY * blockX << 24) + (border << 4) + gridX;
  }

  /** Vectors from a row to the next. */
  public int pitch() {
    return halo.left + blockX + halo.right;
  }

  /** Vectors of a plane. */
  public int positions() {
    return (halo.top + blockY + halo.bottom) * pitch();
  }

  /**
   * Floats of a plane: an odd number of vectors, or those of many planes would share cache lines.
   */
  public int plane() {
    return (positions() | 1) * Wide.LANES;
  }

  /** Vector of a block's pixel. */
  public int position(int y, int x) {
    return (halo.top + y) * pitch() + halo.left + x;
  }

  /** A block's pixels, floats from the plane's first. */
  int[] block() {
    int[] block = new int[blockY * blockX];
    for (int i = 0; i < block.length; i++) {
      block[i] = position(i / blockX, i % blockX) * Wide.LANES;
    }
    return block;
  }

  /** Float of a map's pixel. */
  public int element(int y, int x) {
    int lane = y / blockY * gridX + x / blockX;
    return position(y % blockY, x % blockX) * Wide.LANES + lane;
  }

  /** Whether every lane's block is whole. */
  public boolean isFull() {
    return gridY * blockY == height && gridX * blockX == width;
  }
}
