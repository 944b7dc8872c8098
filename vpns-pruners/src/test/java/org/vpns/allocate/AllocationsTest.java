package org.vpns.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.schedule.Rounds;
import org.vpns.select.GroupedAllocation;
import org.vpns.select.TensorGroup;

class AllocationsTest {
  private static final int[] SMALL_NETWORK = {216, 576, 576, 1152, 2304, 128, 320};

  private static final Layout TWO =
      Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(2, 3)));

  /** All of b is above all of a but one. */
  private static final Scores UNEVEN =
      Scores.of(TWO, new float[] {0.1f, 0.4f, 9, 0.2f, 3, 2, 6, 5, 1, 4});

  private static Layout layout(int... sizes) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int size : sizes) {
      shapes.put("t" + shapes.size(), new Shape(size));
    }
    return Layout.of(shapes);
  }

  private static MaskSet two(String a, String b) {
    return MaskSet.of(
        ImmutableMap.of("a", Mask.parse(new Shape(4), a), "b", Mask.parse(new Shape(2, 3), b)));
  }

  @ParameterizedTest
  @CsvSource({"0.8, 1055, 1058", "0.9, 528, 530", "0, 5272, 5272", "1, 0, 0"})
  void allocations_ofTheSmallNetwork_keepTheirCounts(String s, int global, int perLayer) {
    Layout layout = layout(SMALL_NETWORK);
    Scores scores = Scores.of(layout, new float[layout.size()]);
    Sparsity sparsity = Sparsity.of(s);
    assertThat(Allocations.global().allocate(scores, sparsity).kept()).isEqualTo(global);
    assertThat(Allocations.perLayer().allocate(scores, sparsity).kept()).isEqualTo(perLayer);
  }

  @Test
  void groups_ofTheSmallNetwork_areOneOrOneEach() {
    Layout layout = layout(SMALL_NETWORK);
    Sparsity sparsity = Sparsity.of(0.9);
    assertThat(Allocations.global().groups(layout, sparsity))
        .containsExactly(new TensorGroup(List.of(0, 1, 2, 3, 4, 5, 6), 528));
    assertThat(Allocations.perLayer().groups(layout, sparsity))
        .extracting(TensorGroup::keep)
        .containsExactly(22L, 58L, 58L, 116L, 231L, 13L, 32L);
    assertThat(Allocations.perLayer().groups(layout, sparsity))
        .extracting(TensorGroup::tensors)
        .containsExactly(
            List.of(0), List.of(1), List.of(2), List.of(3), List.of(4), List.of(5), List.of(6));
  }

  @Test
  void global_onUnevenScores_takesWhereTheScoresAre() {
    assertThat(Allocations.global().allocate(UNEVEN, Sparsity.of(0.6)))
        .isEqualTo(two("0010", "001101"));
  }

  @Test
  void perLayer_onUnevenScores_takesFromEach() {
    // a keeps 4 - floor(2.4) = 2, b keeps 6 - floor(3.6) = 3
    assertThat(Allocations.perLayer().allocate(UNEVEN, Sparsity.of(0.6)))
        .isEqualTo(two("0110", "001101"));
  }

  @Test
  void floor_onUnevenScores_movesTheLeastSurvivors() {
    Allocation floor = Allocations.globalWithFloor(2);
    assertThat(floor.allocate(UNEVEN, Sparsity.of(0.6))).isEqualTo(two("0110", "001100"));
    // exactly the floors: 3 + 3
    assertThat(Allocations.globalWithFloor(3).allocate(UNEVEN, Sparsity.of(0.4)))
        .isEqualTo(two("0111", "001101"));
  }

  @Test
  void floor_savesALayerThatTheGlobalSelectionEmpties() {
    Scores scores = Scores.of(layout(4, 2), new float[] {9, 8, 7, 6, 1, 0.5f});
    MaskSet global = Allocations.global().allocate(scores, Sparsity.of(0.5));
    assertThat(global.get("t0")).isEqualTo(Mask.parse(new Shape(4), "1110"));
    assertThat(global.get("t1").kept()).isZero();
    MaskSet floor = Allocations.globalWithFloor(1).allocate(scores, Sparsity.of(0.5));
    assertThat(floor.get("t0")).isEqualTo(Mask.parse(new Shape(4), "1100"));
    assertThat(floor.get("t1")).isEqualTo(Mask.parse(new Shape(2), "10"));
  }

  @ParameterizedTest
  @CsvSource({"3 1 3 2 3, 0.6, 10100", "3 1 3 2 3, 0.8, 10000", "7 7 7 7 7, 0.6, 11000"})
  void global_onTies_keepsTheLowerPositions(String scores, String s, String kept) {
    float[] values = new float[5];
    for (int i = 0; i < 5; i++) {
      values[i] = Float.parseFloat(scores.split(" ", -1)[i]);
    }
    assertThat(
            Allocations.global().allocate(Scores.of(layout(5), values), Sparsity.of(s)).get("t0"))
        .isEqualTo(Mask.parse(new Shape(5), kept));
  }

  /** Counts of four rounds by fifths, on scores that change from round to round. */
  @Test
  void global_withinItsOwnMasks_nestsWithTheCountsOfTheRounds() {
    Layout layout = layout(SMALL_NETWORK);
    Random random = new Random(5);
    MaskSet masks = MaskSet.ones(layout);
    int[] expected = {4218, 3375, 2700, 2160};
    for (int r = 1; r <= expected.length; r++) {
      float[] values = new float[layout.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      MaskSet next =
          Allocations.global()
              .allocateWithin(masks, Scores.of(layout, values), Rounds.DEFAULT.after(r));
      assertThat(next.isSubsetOf(masks)).isTrue();
      assertThat(next.kept()).isEqualTo(expected[r - 1]);
      masks = next;
    }
  }

  @Test
  void allocateWithin_whenTheSparsityFalls_isRefused() {
    MaskSet survivors = two("1000", "001100");
    assertThat(Allocations.global().allocateWithin(survivors, UNEVEN, Sparsity.of(0.7)))
        .isEqualTo(survivors);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.global().allocateWithin(survivors, UNEVEN, Sparsity.of(0.6)))
        .withMessage(
            "removed weights would return: a, global at sparsity 0.6; expected at most 1 weights to"
                + " keep, found 2; raise the sparsity from one selection to the next.");
  }

  @Test
  void floor_aboveAParametersSize_keepsAllOfIt() {
    assertThat(Allocations.globalWithFloor(5).allocate(UNEVEN, Sparsity.of(0.1)))
        .isEqualTo(two("1111", "111101"));
    Scores small = Scores.of(layout(1, 8), new float[] {-1, 8, 7, 6, 5, 4, 3, 2, 1});
    MaskSet masks = Allocations.globalWithFloor(2).allocate(small, Sparsity.of(0.6));
    assertThat(masks.get("t0").kept()).isEqualTo(1);
    assertThat(masks.get("t1")).isEqualTo(Mask.parse(new Shape(8), "11100000"));
  }

  /** Forced entries must survive infinities elsewhere. */
  @Test
  void floor_besideInfiniteScores_stillHolds() {
    float infinity = Float.POSITIVE_INFINITY;
    Scores scores =
        Scores.of(layout(3, 2), new float[] {infinity, infinity, infinity, -5, -infinity});
    MaskSet masks = Allocations.globalWithFloor(1).allocate(scores, Sparsity.of(0.4));
    assertThat(masks.get("t0")).isEqualTo(Mask.parse(new Shape(3), "110"));
    assertThat(masks.get("t1")).isEqualTo(Mask.parse(new Shape(2), "10"));
  }

  @Test
  void floor_beyondTheBudget_isRefused() {
    Allocation floor = Allocations.globalWithFloor(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> floor.allocate(UNEVEN, Sparsity.of(0.5)))
        .withMessage(
            "budget impossible: global(floor 3) at sparsity 0.5; expected floors of at most 5"
                + " of 10 weights in all, found 6; lower the floor or the sparsity.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.globalWithFloor(0))
        .withMessage(
            "floor out of range: Allocations.globalWithFloor; expected at least 1 weight,"
                + " found 0; take Allocations.global() for no floor.");
  }

  @Test
  void floor_isNotGrouped_becauseItsCountsDependOnTheScores() {
    assertThat(Allocations.global()).isInstanceOf(GroupedAllocation.class);
    assertThat(Allocations.perLayer()).isInstanceOf(GroupedAllocation.class);
    assertThat(Allocations.globalWithFloor(1)).isNotInstanceOf(GroupedAllocation.class);
  }

  @Test
  void notANumber_isNamedByItsOwnPlace() {
    Scores bad = Scores.of(TWO, new float[] {1, 2, 3, 4, 5, 6, Float.NaN, 8, 9, 10});
    for (Allocation allocation :
        List.of(
            Allocations.global(),
            Allocations.perLayer(),
            Allocations.globalWithFloor(1),
            Allocations.erk(),
            Allocations.counts(Map.of("a", 2, "b", 3)),
            Allocations.nOfM(1, 2),
            Allocations.blocks(1, 2))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> allocation.allocate(bad, Sparsity.of(0.5)))
          .withMessageStartingWith("score is not a number: b[2];");
    }
  }

  @Test
  void allocations_describeThemselves() {
    assertThat(Allocations.global().describe()).isEqualTo("global");
    assertThat(Allocations.perLayer().describe()).isEqualTo("per-layer");
    assertThat(Allocations.globalWithFloor(2).describe()).isEqualTo("global(floor 2)");
  }
}
