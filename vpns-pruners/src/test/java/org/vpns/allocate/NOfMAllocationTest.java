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

class NOfMAllocationTest {
  private static final Sparsity HALF = Sparsity.of(0.5);

  private static Scores one(Shape shape, float... scores) {
    return Scores.of(Layout.of(ImmutableMap.of("w", shape)), scores);
  }

  private static String bits(Allocation allocation, Sparsity sparsity, Shape shape, float... s) {
    return bits(allocation.allocate(one(shape, s), sparsity).get("w"));
  }

  private static String bits(Mask mask) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < mask.size(); i++) {
      bits.append(mask.isKept(i) ? '1' : '0');
    }
    return bits.toString();
  }

  /** The pattern alone, whatever its sparsity. */
  private static String pattern(NOfMAllocation allocation, Shape shape, float... scores) {
    Scores all = one(shape, scores);
    return bits(allocation.allocate(all, allocation.sparsity(all.layout())).get("w"));
  }

  @Test
  void nOfM_ofTheWorkedRows_isAsWorked() {
    float[] rows = {1, 1, 1, 1, .5f, .2f, .9f, .9f, 0, 0, 0, 0, 3, 1, 2, 0};
    Shape shape = new Shape(2, 8);
    assertThat(bits(Allocations.nOfM(2, 4), HALF, shape, rows)).isEqualTo("1100001111001010");
    assertThat(bits(Allocations.nOfM(4, 8), HALF, shape, rows)).isEqualTo("1111000010001110");
  }

  /** Four channels of a 1 x 2 kernel: each place of the kernel has groups of its own. */
  @Test
  void convolution_isGroupedAlongItsInputs() {
    Shape shape = new Shape(1, 4, 1, 2);
    float[] scores = {9, 1, 8, 1, 7, 2, 6, 2};
    // (9 8 7 6) and (1 1 2 2)
    assertThat(bits(Allocations.nOfM(2, 4), HALF, shape, scores)).isEqualTo("10100101");
    // (9 1 8 1) and (7 2 6 2)
    assertThat(bits(Allocations.nOfM(2, 4).flattened(), HALF, shape, scores)).isEqualTo("10101010");
  }

  /** Of six 2 of 4 then 1 of 2, of seven 2 of 4 then 2 of 3. */
  @Test
  void trailingGroup_keepsItsShare() {
    NOfMAllocation two = Allocations.nOfM(2, 4);
    assertThat(pattern(two, new Shape(1, 6), 1, 2, 3, 4, 5, 6)).isEqualTo("001101");
    assertThat(pattern(two, new Shape(1, 7), 1, 2, 3, 4, 5, 6, 7)).isEqualTo("0011011");
    assertThat(
            pattern(
                two.trailing(NOfMAllocation.Trailing.DENSE), new Shape(1, 7), 1, 2, 3, 4, 5, 6, 7))
        .isEqualTo("0011111");
    assertThat(bits(two, HALF, new Shape(1, 6), 1, 2, 3, 4, 5, 6)).isEqualTo("001101");
  }

  @Test
  void trailingGroup_thatIsRefused_isNamed() {
    NOfMAllocation strict = Allocations.nOfM(2, 4).trailing(NOfMAllocation.Trailing.ERROR);
    assertThat(bits(strict, HALF, new Shape(1, 4), 1, 2, 3, 4)).isEqualTo("0011");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bits(strict, HALF, new Shape(1, 6), 1, 2, 3, 4, 5, 6))
        .withMessage(
            "axis not divisible: w (1, 6), 2:4, trailing ERROR; expected a multiple of 4, found 6;"
                + " let the trailing group be proportional or dense, or leave the parameter out.");
  }

  /** A first convolution of three channels and a depthwise one stay dense unless asked for. */
  @Test
  void shortAxes_areExempt() {
    NOfMAllocation two = Allocations.nOfM(2, 4);
    Shape first = new Shape(2, 3, 1, 1);
    assertThat(pattern(two, first, 1, 2, 3, 6, 5, 4)).isEqualTo("111111");
    assertThat(pattern(two.withShortAxes(), first, 1, 2, 3, 6, 5, 4)).isEqualTo("011110");
    assertThat(pattern(two, new Shape(1, 1, 2, 2), 1, 2, 3, 4)).isEqualTo("1111");
    assertThat(pattern(two.flattened(), new Shape(1, 1, 2, 2), 1, 2, 3, 4)).isEqualTo("0011");
    assertThat(two.trailing(NOfMAllocation.Trailing.ERROR).sparsity(layout(first)))
        .isEqualTo(Sparsity.DENSE);
    assertThat(pattern(two, new Shape(5), 1, 2, 3, 4, 5)).isEqualTo("11111");
  }

  private static Layout layout(Shape shape) {
    return Layout.of(ImmutableMap.of("w", shape));
  }

  @Test
  void sparsity_isWhatThePatternRemoves() {
    assertThat(Allocations.nOfM(2, 4).sparsity(layout(new Shape(3, 8)))).isEqualTo(HALF);
    assertThat(Allocations.nOfM(1, 4).sparsity(layout(new Shape(3, 8))))
        .isEqualTo(Sparsity.of(0.75));
    // 3 of 7 removed, in each of three rows
    assertThat(Allocations.nOfM(2, 4).sparsity(layout(new Shape(3, 7))).prune(21)).isEqualTo(9);
  }

  @Test
  void aHigherSparsity_takesTheRestGlobally() {
    float[] row = {1, 1, 1, 1, .5f, .2f, .9f, .9f};
    Scores scores =
        Scores.of(
            Layout.of(ImmutableMap.of("a", new Shape(1, 8), "exempt", new Shape(2, 1))),
            new float[] {1, 1, 1, 1, .5f, .2f, .9f, .9f, 5, .1f});
    MaskSet masks = Allocations.nOfM(2, 4).allocate(scores, Sparsity.of(0.6));
    assertThat(bits(masks.get("a"))).isEqualTo("11000010");
    assertThat(bits(masks.get("exempt"))).isEqualTo("10");
    assertThat(bits(Allocations.nOfM(2, 4), Sparsity.of(0.75), new Shape(1, 8), row))
        .isEqualTo("11000000");
    // a group's survivor of score -infinity still precedes what the pattern removes
    float low = Float.NEGATIVE_INFINITY;
    assertThat(bits(Allocations.nOfM(1, 2), HALF, new Shape(1, 4), 1, 2, low, low))
        .isEqualTo("0110");
  }

  @Test
  void aLowerSparsity_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> bits(Allocations.nOfM(2, 4), Sparsity.of(0.25), new Shape(1, 4), 1, 2, 3, 4))
        .withMessage(
            "sparsity below that of the pattern: 2:4 at sparsity 0.25; expected at most 2 of 4"
                + " weights to keep, found 3; ask for at least 0.5.");
  }

  @Test
  void allocateWithin_aMaskOfTheSamePattern_nests() {
    NOfMAllocation two = Allocations.nOfM(2, 4);
    Scores first = one(new Shape(1, 8), 4, 3, 2, 1, 1, 2, 3, 4);
    MaskSet half = two.allocate(first, HALF);
    Scores second = one(new Shape(1, 8), 1, 2, 9, 9, 9, 9, 3, 4);
    MaskSet quarter = two.allocateWithin(half, second, Sparsity.of(0.625));
    assertThat(bits(quarter.get("w"))).isEqualTo("01000011");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> two.allocateWithin(quarter, second, HALF))
        .withMessage(
            "sparsity below that of the pattern: 2:4 at sparsity 0.5; expected at most 3 of 8 weights"
                + " to keep, found 4; ask for at least 0.625.");
  }

  /** An exempt parameter's removed weights rank below a survivor of the least score. */
  @Test
  void allocateWithin_nestsInExemptParametersToo() {
    float low = Float.NEGATIVE_INFINITY;
    MaskSet survivors = MaskSet.of(ImmutableMap.of("w", Mask.parse(new Shape(2, 2), "0110")));
    Scores scores = one(new Shape(2, 2), 9, low, -Float.MAX_VALUE, 9);
    assertThat(Allocations.nOfM(2, 4).allocateWithin(survivors, scores, HALF)).isEqualTo(survivors);
  }

  @Test
  void notANumber_isNamedEvenWhereThePatternRemovesIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                bits(
                    Allocations.nOfM(1, 4), Sparsity.of(0.75), new Shape(1, 4), 1, Float.NaN, 3, 4))
        .withMessageStartingWith("score is not a number: w[1];");
  }

  @Test
  void patterns_withoutSense_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.nOfM(5, 4))
        .withMessage(
            "pattern impossible: Allocations.nOfM; expected 1 <= N <= M, found 5:4; pass the number"
                + " kept first, 2 and 4 for 2:4.");
    assertThatIllegalArgumentException().isThrownBy(() -> Allocations.nOfM(0, 4));
  }

  @Test
  void patterns_describeThemselves() {
    assertThat(Allocations.nOfM(2, 4).describe()).isEqualTo("2:4");
    assertThat(
            Allocations.nOfM(4, 8)
                .flattened()
                .withShortAxes()
                .trailing(NOfMAllocation.Trailing.DENSE)
                .describe())
        .isEqualTo("4:8 flattened, short axes too, trailing DENSE");
  }
}
