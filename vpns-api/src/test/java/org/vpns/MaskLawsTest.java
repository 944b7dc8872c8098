package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MaskLawsTest {
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

  private static BitSet bits(Mask mask) {
    BitSet bits = new BitSet();
    for (int i = 0; i < mask.size(); i++) {
      bits.set(i, mask.isKept(i));
    }
    return bits;
  }
}
