package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MaskSetTest {
  private static final MaskSet A = set("11100", "10");
  private static final MaskSet B = set("01111", "00");

  private static MaskSet set(String first, String second) {
    return MaskSet.of(
        ImmutableMap.of(
            "a.weight",
            Mask.parse(new Shape(5), first),
            "b.weight",
            Mask.parse(new Shape(1, 2), second)));
  }

  /** |A| = 4, |B| = 4, |A and B| = 2, |A or B| = 6. */
  @Test
  void masksAndScores_byFunctionsThatGiveNothing_nameTheTensor() {
    assertThatNullPointerException()
        .isThrownBy(() -> MaskSet.of(A.layout(), i -> null))
        .withMessageStartingWith(
            "argument missing: " + A.layout().path(0) + ", what each gives; expected a value,");
    assertThatNullPointerException()
        .isThrownBy(() -> Scores.of(A.layout(), i -> null))
        .withMessageStartingWith(
            "argument missing: " + A.layout().path(0) + ", what perTensor gives; ");
  }

  @Test
  void likeness_ofAHandWorkedPair_isAsCounted() {
    assertThat(A.overlap(B)).isEqualTo(2.0 / 4);
    assertThat(A.intersectionOverUnion(B)).isEqualTo(2.0 / 6);
    assertThat(A.and(B)).isEqualTo(set("01100", "00"));
    assertThat(A.andNot(B)).isEqualTo(set("10000", "10"));
  }

  @Test
  void likeness_withNothingKept_isOneWhereOneContainsTheOther() {
    MaskSet none = MaskSet.zeros(A.layout());
    assertThat(A.overlap(none)).isEqualTo(1);
    assertThat(A.intersectionOverUnion(none)).isZero();
    assertThat(none.intersectionOverUnion(none)).isEqualTo(1);
    assertThat(set("10000", "00").overlap(set("01000", "00"))).isZero();
  }

  @Test
  void counts_ofAHandWorkedSet_areOfAllParameters() {
    assertThat(A.size()).isEqualTo(7);
    assertThat(A.kept()).isEqualTo(4);
    assertThat(A.density()).isEqualTo(4.0 / 7);
    assertThat(A.sparsity()).isEqualTo(1 - 4.0 / 7);
    assertThat(A).hasToString("4 of 7 kept in 2 parameters");
    assertThat(MaskSet.ones(A.layout()).kept()).isEqualTo(7);
    assertThat(MaskSet.of(Map.of()).density()).isEqualTo(1);
  }

  @Test
  void mask_byIndex_isThatOfTheSetsOrder() {
    assertThat(A.mask(0)).isSameAs(A.get("a.weight"));
    assertThat(A.mask(1)).isSameAs(A.get("b.weight"));
    float[] values = {-1, 2, 3, -4, Float.NaN};
    A.mask(0).apply(values);
    assertThat(values).containsExactly(-1, 2, 3, 0f, 0f);
    assertThat(Float.floatToRawIntBits(values[3])).isZero();
  }

  @Test
  void equality_isByContentAndOrder() {
    Mask one = Mask.ones(new Shape(1));
    assertThat(set("11100", "10")).isEqualTo(A).isNotEqualTo(B);
    assertThat(MaskSet.of(ImmutableMap.of("a", one, "b", one)))
        .isNotEqualTo(MaskSet.of(ImmutableMap.of("b", one, "a", one)))
        .isNotEqualTo(MaskSet.of(ImmutableMap.of("a", one, "c", one)));
  }

  @Test
  void layout_isThatOfTheMasks() {
    assertThat(A.layout())
        .isEqualTo(
            Layout.of(ImmutableMap.of("a.weight", new Shape(5), "b.weight", new Shape(1, 2))));
    assertThat(A.asMap().keySet()).containsExactly("a.weight", "b.weight");
  }

  @Test
  void requireFits_ofTheSameParameters_passes() {
    A.requireFits(A.layout());
    // masks are found by path: the order does not matter
    A.requireFits(
        Layout.of(ImmutableMap.of("b.weight", new Shape(1, 2), "a.weight", new Shape(5))));
  }

  @Test
  void requireFits_withAMissingMask_namesIt() {
    Layout more =
        Layout.of(
            ImmutableMap.of(
                "a.weight", new Shape(5), "c.weight", new Shape(4), "b.weight", new Shape(1, 2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.requireFits(more))
        .withMessage(
            "mask missing: c.weight; expected masks for 3 parameters, found 2 masks, none of this"
                + " name; use the masks made for this network.");
  }

  @Test
  void requireFits_withAMaskTooMany_namesIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.requireFits(Layout.of(Map.of("a.weight", new Shape(5)))))
        .withMessage(
            "mask of an unknown parameter: b.weight; expected one of [a.weight], found b.weight;"
                + " use the masks made for this network.");
  }

  @Test
  void requireFits_withAnotherShape_namesBoth() {
    Layout turned =
        Layout.of(ImmutableMap.of("a.weight", new Shape(5), "b.weight", new Shape(2, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.requireFits(turned))
        .withMessage(
            "mask shape differs from parameter: b.weight; expected (2, 1), found (1, 2);"
                + " use the masks made for this network.");
  }

  @Test
  void combining_setsOfDifferentNetworks_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.and(MaskSet.of(Map.of("a.weight", Mask.ones(new Shape(5))))))
        .withMessageStartingWith("mask sets of different networks: MaskSet;");
    MaskSet turned =
        MaskSet.of(
            ImmutableMap.of(
                "a.weight", Mask.ones(new Shape(5)), "b.weight", Mask.ones(new Shape(2, 1))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.or(turned))
        .withMessageStartingWith("mask shapes differ: b.weight; expected (1, 2), found (2, 1);");
  }

  @Test
  void masks_withoutPathOrUnknown_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskSet.of(Map.of(" ", Mask.ones(new Shape(1)))))
        .withMessageStartingWith("mask without a path: MaskSet.of;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> A.get("fc.weight"))
        .withMessageStartingWith(
            "no mask for this parameter: 'fc.weight'; expected one of [a.weight");
  }
}
