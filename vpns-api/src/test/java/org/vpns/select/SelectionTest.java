package org.vpns.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.select.Selection.Order;

class SelectionTest {
  private static final float[] WORKED = {
    0.5f, -0.5f, 0.2f, 0.5f, -0.0f, 0.0f, 0.7f, -0.2f, 0.5f, 0.1f
  };

  private static Scores one(float... values) {
    return Scores.of(Layout.of(Map.of("w", new Shape(values.length))), values);
  }

  private static String keep(Order order, long keep, float... values) {
    MaskSet masks =
        Selection.largest(one(values), List.of(new TensorGroup(List.of(0), keep)), order);
    return bits(masks.get("w"));
  }

  private static String bits(Mask mask) {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, mask.size()).forEach(i -> text.append(mask.isKept(i) ? '1' : '0'));
    return text.toString();
  }

  /** At 0.7 four entries tie at 0.5 for two places: indices 0 and 1 get them. */
  @ParameterizedTest
  @CsvSource({
    "0, 1111111111",
    "0.2, 1111001111",
    "0.3, 1111001110",
    "0.5, 1101001010",
    "0.7, 1100001000",
    "0.9, 0000001000",
    "1, 0000000000"
  })
  void magnitudes_ofTheWorkedScores_areKeptAsWorked(String s, String expected) {
    assertThat(keep(Order.MAGNITUDE, Sparsity.of(s).keep(10), WORKED)).isEqualTo(expected);
  }

  /** Descending: 6; 0, 3, 8; 2; 9; 4 and 5 (equal zeros); 7; 1. */
  @ParameterizedTest
  @CsvSource({
    "1, 0000001000",
    "3, 1001001000",
    "4, 1001001010",
    "6, 1011001011",
    "7, 1011101011",
    "8, 1011111011",
    "9, 1011111111"
  })
  void values_ofTheWorkedScores_areKeptAsWorked(long keep, String expected) {
    assertThat(keep(Order.VALUE, keep, WORKED)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void equalScores_ofAnySize_keepTheFirst(Order order) {
    assertThat(keep(order, Sparsity.of(0.5).keep(7), 3, 3, 3, 3, 3, 3, 3)).isEqualTo("1111000");
    assertThat(keep(order, 2, -0.0f, 0, -0.0f)).isEqualTo("110");
    assertThat(keep(order, 1, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY)).isEqualTo("10");
    assertThat(keep(order, 1, Float.MIN_VALUE, Float.MIN_VALUE)).isEqualTo("10");
  }

  @Test
  void infinities_takePartByTheirValue() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] scores = {-infinity, Float.MAX_VALUE, infinity, -Float.MAX_VALUE};
    assertThat(keep(Order.VALUE, 1, scores)).isEqualTo("0010");
    assertThat(keep(Order.VALUE, 3, scores)).isEqualTo("0111");
    assertThat(keep(Order.MAGNITUDE, 2, scores)).isEqualTo("1010");
  }

  @Test
  void neighbouringFloats_areToldApart() {
    float next = Math.nextUp(1f);
    assertThat(keep(Order.VALUE, 1, 1, next, 1)).isEqualTo("010");
    assertThat(keep(Order.VALUE, 1, -next, -1, -next)).isEqualTo("010");
    assertThat(keep(Order.MAGNITUDE, 1, 0, -Float.MIN_VALUE, 0)).isEqualTo("010");
    assertThat(keep(Order.VALUE, 2, 0, -Float.MIN_VALUE, 0)).isEqualTo("101");
  }

  @Test
  void ties_acrossTensors_goToTheEarlierTensor() {
    Layout layout = Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(2, 2)));
    Scores scores = Scores.of(layout, new float[] {1, 2, 2, 3, 2, 2});
    MaskSet masks =
        Selection.largest(scores, List.of(new TensorGroup(List.of(0, 1), 3)), Order.VALUE);
    assertThat(bits(masks.get("a"))).isEqualTo("01");
    assertThat(bits(masks.get("b"))).isEqualTo("1100");
    assertThat(masks.get("b").shape()).isEqualTo(new Shape(2, 2));
    assertThat(masks.layout()).isEqualTo(layout);
  }

  @Test
  void groups_haveBudgetsOfTheirOwn() {
    Layout layout =
        Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(3), "c", new Shape(2)));
    Scores scores = Scores.of(layout, new float[] {9, 8, 1, 2, 3, 7, 10});
    List<TensorGroup> groups =
        List.of(new TensorGroup(List.of(1), 2), new TensorGroup(List.of(0, 2), 2));
    MaskSet masks = Selection.largest(scores, groups, Order.VALUE);
    assertThat(bits(masks.get("a"))).isEqualTo("10");
    assertThat(bits(masks.get("b"))).isEqualTo("011");
    assertThat(bits(masks.get("c"))).isEqualTo("01");
    assertThat(masks.asMap().keySet()).containsExactly("a", "b", "c");
  }

  /** More than 2^16 equal scores overflow no counter, and words beyond the first are right. */
  @Test
  void selection_ofManyEqualScores_isExact() {
    float[] scores = new float[200_000];
    Arrays.fill(scores, 0.25f);
    scores[199_999] = 0.5f;
    MaskSet masks =
        Selection.largest(
            one(scores), List.of(new TensorGroup(List.of(0), 150_000)), Order.MAGNITUDE);
    Mask mask = masks.get("w");
    assertThat(mask.kept()).isEqualTo(150_000);
    assertThat(mask).isEqualTo(Mask.of(mask.shape(), i -> i < 149_999 || i == 199_999));
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void notANumber_atAnyPlace_isNamed(Order order) {
    // NaN of other bits, negative ones too, are NaN as well
    for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001}) {
      for (int place = 0; place < 6; place++) {
        float[] values = {1, 2, 3, 4, 5, 6};
        values[place] = Float.intBitsToFloat(bits);
        Layout layout = Layout.of(ImmutableMap.of("a", new Shape(2), "b", new Shape(2, 2)));
        String named = place < 2 ? "a[" + place + "]" : "b[" + (place - 2) + "]";
        for (long keep : new long[] {0, 3, 6}) {
          assertThatIllegalArgumentException()
              .isThrownBy(
                  () ->
                      Selection.largest(
                          Scores.of(layout, values),
                          List.of(new TensorGroup(List.of(0, 1), keep)),
                          order))
              .withMessage(
                  "score is not a number: "
                      + named
                      + "; expected a number, found NaN; look for a zero division or an overflow"
                      + " in what made the scores.");
        }
      }
    }
  }

  @Test
  void budget_beyondTheGroup_isRefused() {
    for (long keep : new long[] {4, -1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> keep(Order.VALUE, keep, 1, 2, 3))
          .withMessage(
              "budget impossible: Selection, 1 parameters; expected to keep 0 to 3 weights, found "
                  + keep
                  + "; lower the density of these parameters.");
    }
  }

  @Test
  void groups_thatDoNotDivideTheParameters_areRefused() {
    Scores scores =
        Scores.of(Layout.of(ImmutableMap.of("a", new Shape(1), "b", new Shape(1))), new float[2]);
    TensorGroup first = new TensorGroup(List.of(0), 1);
    TensorGroup both = new TensorGroup(List.of(0, 1), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Selection.largest(scores, List.of(first), Order.VALUE))
        .withMessage(
            "groups do not divide the parameters: b; expected it in exactly 1 group, found 0;"
                + " put every parameter into one group.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Selection.largest(scores, List.of(first, both), Order.VALUE))
        .withMessageStartingWith("groups do not divide the parameters: a;");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Selection.largest(
                    scores, List.of(both, new TensorGroup(List.of(2), 0)), Order.VALUE))
        .withMessageStartingWith("no such prunable parameter: Selection; expected 0 to 1, found 2");
    for (List<Integer> order : List.of(List.of(1, 0), List.of(0, 0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TensorGroup(order, 1))
          .withMessageStartingWith("tensors out of order: TensorGroup;");
    }
  }

  @Test
  void emptyLayoutsAndTensors_giveEmptyMasks() {
    assertThat(
            Selection.largest(Scores.of(Layout.of(Map.of()), new float[0]), List.of(), Order.VALUE))
        .isEqualTo(MaskSet.of(Map.of()));
    assertThat(keep(Order.VALUE, 0)).isEmpty();
  }
}
