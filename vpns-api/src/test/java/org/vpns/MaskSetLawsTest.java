package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MaskSetLawsTest {
  @Provide
  Arbitrary<List<MaskSet>> pairs() {
    return MaskArbitraries.setPairs();
  }

  @Property(tries = 500)
  void algebra_onAnyPair_obeysItsLaws(@ForAll("pairs") List<MaskSet> pair) {
    MaskSet a = pair.get(0);
    MaskSet b = pair.get(1);
    assertThat(a.and(a)).isEqualTo(a).hasSameHashCodeAs(a);
    assertThat(a.or(b)).isEqualTo(b.or(a));
    assertThat(a.and(b).not()).isEqualTo(a.not().or(b.not()));
    assertThat(a.xor(b)).isEqualTo(a.andNot(b).or(b.andNot(a)));
    assertThat(a.or(b).kept() + a.and(b).kept()).isEqualTo(a.kept() + b.kept());
    assertThat(a.kept() + a.not().kept()).isEqualTo(a.size());
    assertThat(a.and(b).isSubsetOf(a)).isTrue();
    assertThat(a.isSubsetOf(a.or(b))).isTrue();
    assertThat(a.isSubsetOf(b)).isEqualTo(a.and(b).equals(a));
  }

  @Property(tries = 500)
  void likeness_ofAnyPair_isSymmetricAndBounded(@ForAll("pairs") List<MaskSet> pair) {
    MaskSet a = pair.get(0);
    MaskSet b = pair.get(1);
    assertThat(a.overlap(b)).isEqualTo(b.overlap(a)).isBetween(0.0, 1.0);
    assertThat(a.intersectionOverUnion(b))
        .isEqualTo(b.intersectionOverUnion(a))
        .isBetween(0.0, 1.0)
        .isLessThanOrEqualTo(a.overlap(b));
    assertThat(a.overlap(a)).isEqualTo(1);
    assertThat(a.intersectionOverUnion(a)).isEqualTo(1);
    assertThat(a.overlap(a.or(b))).isEqualTo(1);
  }
}
