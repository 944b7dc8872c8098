package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;

class BlockAllocationTest {
  /** 2 x 2 blocks: means 2.5, 4.5 and, at the edge with two members each, 5 and 3.5. */
  private static final float[] WORKED = {1, 2, 9, 9, 3, 4, 0, 0, 5, 5, -1, 8};

  private static final Shape SHAPE = new Shape(3, 4);

  private static MaskSet keep(int count, Allocation allocation, Shape shape, float... scores) {
    Layout layout = Layout.of(ImmutableMap.of("w", shape));
    Sparsity sparsity = Sparsity.removing(layout.size() - count, layout.size());
    return allocation.allocate(Scores.of(layout, scores), sparsity);
  }

  private static MaskSet masks(Shape shape, String bits) {
    return MaskSet.of(ImmutableMap.of("w", Mask.parse(shape, bits)));
  }

  @Test
  void blocks_inOrderOfTheirMeans_areKeptWhileTheyFit() {
    Allocation blocks = Allocations.blocks(2, 2);
    assertThat(keep(12, blocks, SHAPE, WORKED)).isEqualTo(MaskSet.ones(layout()));
    // 5 (two), 4.5 (four); 3.5 (two) and 2.5 (four) exceed 7
    assertThat(keep(7, blocks, SHAPE, WORKED)).isEqualTo(masks(SHAPE, "001100111100"));
    assertThat(keep(6, blocks, SHAPE, WORKED)).isEqualTo(masks(SHAPE, "001100111100"));
    // the second is skipped, the third fits
    assertThat(keep(5, blocks, SHAPE, WORKED)).isEqualTo(masks(SHAPE, "000000001111"));
    assertThat(keep(1, blocks, SHAPE, WORKED)).isEqualTo(MaskSet.zeros(layout()));
    assertThat(keep(7, blocks, SHAPE, WORKED).sparsity()).isEqualTo(0.5);
  }

  private static Layout layout() {
    return Layout.of(ImmutableMap.of("w", SHAPE));
  }

  @Test
  void kernels_areNeverSplit() {
    Shape shape = new Shape(2, 2, 1, 3);
    float[] scores = {1, 1, 1, 0, 0, 5, 0, 4, 0, 9, -9, 3};
    // means 1, 5/3, 4/3, 1
    assertThat(keep(6, Allocations.blocks(1, 1), shape, scores))
        .isEqualTo(masks(shape, "000111111000"));
    assertThat(keep(8, Allocations.blocks(1, 1), shape, scores))
        .isEqualTo(masks(shape, "000111111000"));
    // whole outputs: 8/6, 7/6
    assertThat(keep(6, Allocations.blocks(1, 9), shape, scores))
        .isEqualTo(masks(shape, "111111000000"));
    // whole inputs: 7/6, 8/6
    assertThat(keep(6, Allocations.blocks(9, 1), shape, scores))
        .isEqualTo(masks(shape, "000111000111"));
  }

  @Test
  void equalMeans_keepTheLowerPosition() {
    // +0 and -0 are equal, and so are sums in another order
    assertThat(keep(4, Allocations.blocks(1, 2), new Shape(1, 6), -0f, -0f, 1, -1, 0, 0))
        .isEqualTo(masks(new Shape(1, 6), "111100"));
  }

  @Test
  void blocks_ofSeveralParameters_compete() {
    Layout layout = Layout.of(ImmutableMap.of("a", new Shape(2, 2), "b", new Shape(1, 4)));
    Scores scores = Scores.of(layout, new float[] {1, 1, 4, 4, 3, 3, 2, 2});
    MaskSet masks = Allocations.blocks(1, 2).allocate(scores, Sparsity.of(0.5));
    assertThat(masks.get("a")).isEqualTo(Mask.parse(new Shape(2, 2), "0011"));
    assertThat(masks.get("b")).isEqualTo(Mask.parse(new Shape(1, 4), "1100"));
  }

  /** An infinity is the largest finite number: with its opposite it makes 0, not NaN. */
  @Test
  void infinities_takePart() {
    float infinity = Float.POSITIVE_INFINITY;
    assertThat(keep(2, Allocations.blocks(1, 2), new Shape(1, 6), infinity, -infinity, 1, 1, -1, 5))
        .isEqualTo(masks(new Shape(1, 6), "000011"));
    assertThat(
            keep(4, Allocations.blocks(1, 2), new Shape(1, 6), infinity, -infinity, -1, 0, -1, 5))
        .isEqualTo(masks(new Shape(1, 6), "110011"));
  }

  /** Dead blocks never fill a gap that living ones are too large for. */
  @Test
  void allocateWithin_keepsLivingBlocksAlone() {
    Layout layout = layout();
    MaskSet half = masks(SHAPE, "001100111100");
    Scores other = Scores.of(layout, new float[] {9, 9, 1, 1, 9, 9, 1, 1, 0, 0, 9, 9});
    MaskSet nested = Allocations.blocks(2, 2).allocateWithin(half, other, Sparsity.of("0.55"));
    // 6 may be kept: four of mean 1, then two of mean 0
    assertThat(nested).isEqualTo(half);
    nested = Allocations.blocks(2, 2).allocateWithin(half, other, Sparsity.of("0.6"));
    assertThat(nested).isEqualTo(masks(SHAPE, "001100110000"));
    nested = Allocations.blocks(2, 2).allocateWithin(half, other, Sparsity.of("0.8"));
    assertThat(nested).isEqualTo(masks(SHAPE, "000000001100"));
  }

  @Test
  void notANumber_isNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keep(2, Allocations.blocks(1, 2), new Shape(1, 4), 1, 2, 3, Float.NaN))
        .withMessageStartingWith("score is not a number: w[3];");
  }

  @Test
  void blocks_withoutWeights_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.blocks(2, 0))
        .withMessage(
            "block without weights: Allocations.blocks; expected at least 1 x 1, found 2 x 0; pass"
                + " outputs, then inputs.");
    assertThat(Allocations.blocks(4, 1).describe()).isEqualTo("blocks(4 x 1)");
  }
}
