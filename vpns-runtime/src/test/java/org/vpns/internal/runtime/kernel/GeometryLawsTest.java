package org.vpns.internal.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.vpns.internal.runtime.kernel.Geometry.Halo;

/** How maps lie in lanes, and what completes them. */
class GeometryLawsTest {
  @Property(tries = 200)
  void element_ofEachPixel_isOneOfItsOwn(
      @ForAll @IntRange(min = 1, max = 60) int height,
      @ForAll @IntRange(min = 1, max = 60) int width,
      @ForAll @IntRange(max = 3) int top,
      @ForAll @IntRange(max = 3) int right) {
    Geometry g = Geometry.of(height, width, new Halo(top, 1, 0, right));
    Set<Integer> places = new HashSet<>();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        assertThat(g.element(y, x)).isBetween(0, g.plane() - 1);
        places.add(g.element(y, x));
      }
    }

    assertThat(places).hasSize(height * width);
    assertThat(g.gridY() * g.gridX()).isLessThanOrEqualTo(Wide.LANES);
  }

  /** Around a block lies what its neighbours have there, and zeros outside of the map. */
  @Property(tries = 200)
  void seams_ofAPlane_areTheNeighboursPixels(
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(max = 4) int top,
      @ForAll @IntRange(max = 4) int left,
      @ForAll @IntRange(max = 4) int bottom,
      @ForAll @IntRange(max = 4) int right) {
    Geometry g = Geometry.of(height, width, new Halo(top, left, bottom, right));
    float[] a = new float[g.plane() + 2 * Wide.LANES];
    java.util.Arrays.fill(a, Float.NaN);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        a[Wide.LANES + g.element(y, x)] = 1000 * y + x + 1;
      }
    }

    Seams.of(g).fill(a, Wide.LANES);

    for (int lane = 0; lane < g.gridY() * g.gridX(); lane++) {
      for (int y = -top; y < g.blockY() + bottom; y++) {
        for (int x = -left; x < g.blockX() + right; x++) {
          int mapY = lane / g.gridX() * g.blockY() + y;
          int mapX = lane % g.gridX() * g.blockX() + x;
          boolean inside = mapY >= 0 && mapY < height && mapX >= 0 && mapX < width;
          float expected = inside ? 1000 * mapY + mapX + 1 : 0;
          assertThat(a[Wide.LANES + g.position(y, x) * Wide.LANES + lane]).isEqualTo(expected);
        }
      }
    }
  }

  @Property(tries = 200)
  void tiles_ofABlock_coverItAndNothingElse(
      @ForAll @IntRange(min = 1, max = 200) int height,
      @ForAll @IntRange(min = 1, max = 200) int width) {
    Geometry g = Geometry.of(height, width, new Halo(1, 2, 1, 0));
    Set<Integer> block = new HashSet<>();
    for (int y = 0; y < g.blockY(); y++) {
      for (int x = 0; x < g.blockX(); x++) {
        block.add(g.position(y, x));
      }
    }
    for (int[] widths : new int[][] {{7, 4, 2, 1}, {4, 2, 1}, {2, 1}, {1}}) {
      Set<Integer> covered = new HashSet<>();
      for (Tile tile : Tile.cover(g, widths)) {
        for (int i = 0; i < tile.width(); i++) {
          covered.add(tile.position() + i);
          covered.add(tile.position() + tile.delta() + i);
        }
      }
      assertThat(covered).isEqualTo(block);
    }
  }
}
