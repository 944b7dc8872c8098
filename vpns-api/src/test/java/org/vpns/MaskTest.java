package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskTest {
  @Test
  void parse_ofTwoRows_isRowMajor() {
    Mask mask = Mask.parse(new Shape(2, 3), "100011");
    assertThat(mask.isKept(0)).isTrue();
    assertThat(mask.isKept(3)).isFalse();
    assertThat(mask.isKept(5)).isTrue();
    assertThat(mask.words()).containsExactly(0b110001L);
    assertThat(mask.word(0)).isEqualTo(0b110001L);
    assertThat(mask).hasToString("(2, 3): 3 of 6 kept");
  }

  @Test
  void entry65_isTheSecondBitOfTheSecondWord() {
    Mask mask = Mask.of(new Shape(66), i -> i == 65);
    assertThat(mask.words()).containsExactly(0L, 2L);
  }

  @Test
  void equality_isByShapeAndContent() {
    assertThat(Mask.parse(new Shape(2, 3), "100011"))
        .isEqualTo(Mask.of(new Shape(2, 3), i -> i == 0 || i > 3))
        .isNotEqualTo(Mask.parse(new Shape(3, 2), "100011"))
        .isNotEqualTo(Mask.parse(new Shape(2, 3), "100010"));
  }

  @Test
  void mask_isNotChangedThroughItsArrays() {
    long[] words = {5L};
    Mask mask = Mask.ofWords(new Shape(3), words);
    words[0] = 0;
    mask.words()[0] = 0;
    assertThat(mask.kept()).isEqualTo(2);
  }

  @Test
  void emptyAndScalarMasks_haveNoAndOneEntry() {
    assertThat(Mask.ones(new Shape(0, 3))).hasToString("(0, 3): 0 of 0 kept");
    assertThat(Mask.ones(new Shape()).kept()).isEqualTo(1);
  }

  @Test
  void toArray_isOnesAndZerosOfTheShape() {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray array = Mask.parse(new Shape(2, 3), "100011").toArray(manager)) {
      assertThat(array.getShape()).isEqualTo(new Shape(2, 3));
      assertThat(array.toFloatArray()).containsExactly(1, 0, 0, 0, 1, 1);
    }
  }

  @Test
  void isKept_outsideTheMask_isRefused() {
    Mask mask = Mask.ones(new Shape(65));
    for (int index : new int[] {-1, 65, 127}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> mask.isKept(index))
          .withMessage(
              "no such mask entry: Mask (65); expected 0 to 64, found "
                  + index
                  + "; check the index.");
    }
  }

  @Test
  void construction_fromUnfittingParts_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mask.ofWords(new Shape(64), new long[2]))
        .withMessage(
            "mask has a wrong number of words: Mask.ofWords (64); expected 1, found 2; "
                + "pass one bit per entry, 64 to a word.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mask.parse(new Shape(3), "10"))
        .withMessageContaining("expected 3 characters 0 or 1, found 2 characters;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mask.parse(new Shape(3), "1x0"))
        .withMessageContaining("found 3 characters, 'x' at 1;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mask.ones(new Shape(3)).and(Mask.ones(new Shape(1, 3))))
        .withMessageStartingWith("mask shapes differ: Mask; expected (3), found (1, 3);");
  }

  @Test
  void construction_fromAShapeThatCannotBeCounted_isRefused() {
    for (Shape unknown : List.of(new Shape(-1, 3), new Shape(3, -1, 0))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Mask.ones(unknown))
          .withMessageStartingWith("shape without a countable size: " + unknown + ";")
          .withMessageContaining("found an unknown dimension;");
    }
    // 2^32 * 2^32 would wrap around to 0 entries
    for (Shape large : List.of(new Shape(1L << 31), new Shape(1L << 32, 1L << 32))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Mask.zeros(large))
          .withMessageContaining("at most 2147483647 entries, found more;");
    }
  }
}
