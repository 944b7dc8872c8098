package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MaskTest {
  @Provide
  Arbitrary<List<Mask>> pairs() {
    return MaskArbitraries.pairs();
  }

  @Provide
  Arbitrary<Mask> masks() {
    return MaskArbitraries.sizes().flatMap(MaskArbitraries::masks);
  }

  /** Every operator against a set of bits that knows nothing of words. */
  @Property
  void operators_onAnyPair_agreeWithSetsOfBits(@ForAll("pairs") List<Mask> pair) {
    Mask a = pair.get(0);
    Mask b = pair.get(1);
    BitSet and = bits(a);
    and.and(bits(b));
    BitSet or = bits(a);
    or.or(bits(b));
    BitSet xor = bits(a);
    xor.xor(bits(b));
    BitSet andNot = bits(a);
    andNot.andNot(bits(b));
    BitSet not = bits(a);
    not.flip(0, a.size());
    assertThat(bits(a.and(b))).isEqualTo(and);
    assertThat(bits(a.or(b))).isEqualTo(or);
    assertThat(bits(a.xor(b))).isEqualTo(xor);
    assertThat(bits(a.andNot(b))).isEqualTo(andNot);
    assertThat(bits(a.not())).isEqualTo(not);
    assertThat(a.kept()).isEqualTo(bits(a).cardinality());
    assertThat(a.not().kept()).isEqualTo(not.cardinality());
  }

  @Property
  void algebra_onAnyPair_obeysItsLaws(@ForAll("pairs") List<Mask> pair) {
    Mask a = pair.get(0);
    Mask b = pair.get(1);
    assertThat(a.and(a)).isEqualTo(a);
    assertThat(a.or(a)).isEqualTo(a);
    assertThat(a.and(b)).isEqualTo(b.and(a)).hasSameHashCodeAs(b.and(a));
    assertThat(a.and(b).not()).isEqualTo(a.not().or(b.not()));
    assertThat(a.or(b).not()).isEqualTo(a.not().and(b.not()));
    assertThat(a.xor(b)).isEqualTo(a.or(b).andNot(a.and(b)));
    assertThat(a.not().not()).isEqualTo(a);
    assertThat(a.xor(a)).isEqualTo(Mask.zeros(a.shape()));
    assertThat(a.or(a.not())).isEqualTo(Mask.ones(a.shape()));
    assertThat(a.or(b).kept() + a.and(b).kept()).isEqualTo(a.kept() + b.kept());
  }

  @Property
  void words_readBack_giveTheSameMask(@ForAll("masks") Mask mask) {
    assertThat(Mask.ofWords(mask.shape(), mask.words())).isEqualTo(mask);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < mask.size(); i++) {
      text.append(mask.isKept(i) ? '1' : '0');
    }
    assertThat(Mask.parse(mask.shape(), text.toString())).isEqualTo(mask);
  }

  /** Bits beyond the last entry must not count, or equal masks would differ. */
  @Property
  void ofWords_withBitsBeyondTheEnd_ignoresThem(@ForAll("masks") Mask mask) {
    long[] words = mask.words();
    if (mask.size() % 64 != 0) {
      words[words.length - 1] |= -1L << mask.size();
    }
    assertThat(Mask.ofWords(mask.shape(), words)).isEqualTo(mask).hasSameHashCodeAs(mask);
  }

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

  private static BitSet bits(Mask mask) {
    BitSet bits = new BitSet();
    for (int i = 0; i < mask.size(); i++) {
      bits.set(i, mask.isKept(i));
    }
    return bits;
  }
}
