package org.vpns.structured.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Normalisers on 1, 2, 3, 4, where nothing is left to divide by, and on any scores. */
class NormaliserTest {
  private static final double[] SCORES = {1, 2, 3, 4};

  private static final List<Normaliser> ALL =
      List.of(
          Normaliser.NONE,
          Normaliser.MEAN,
          Normaliser.SUM,
          Normaliser.MAX,
          Normaliser.MIN_MAX,
          Normaliser.GAUSSIAN,
          Normaliser.sentinel(0.5),
          Normaliser.LAMP);

  /** Four digits, as they are written down. */
  static Stream<Arguments> worked() {
    return Stream.of(
        Arguments.of(Normaliser.NONE, new double[] {1, 2, 3, 4}),
        Arguments.of(Normaliser.MEAN, new double[] {.4, .8, 1.2, 1.6}),
        Arguments.of(Normaliser.SUM, new double[] {.1, .2, .3, .4}),
        Arguments.of(Normaliser.MAX, new double[] {.25, .5, .75, 1}),
        Arguments.of(Normaliser.MIN_MAX, new double[] {0, .3333, .6667, 1}),
        Arguments.of(Normaliser.GAUSSIAN, new double[] {-1.1619, -.3873, .3873, 1.1619}),
        Arguments.of(Normaliser.sentinel(0.5), new double[] {.3333, .6667, 1, 1.3333}),
        Arguments.of(Normaliser.sentinel(0), new double[] {1, 2, 3, 4}),
        Arguments.of(Normaliser.LAMP, new double[] {.1, .2222, .4286, 1}),
        Arguments.of(Normaliser.of("ranks", s -> new double[s.length]), new double[] {0, 0, 0, 0}));
  }

  @ParameterizedTest
  @MethodSource("worked")
  void scores_from1To4_areThoseWorkedByHand(Normaliser normaliser, double[] expected) {
    assertThat(normaliser.apply(SCORES)).containsExactly(expected, within(5e-5));
    assertThat(SCORES).containsExactly(1, 2, 3, 4);
  }

  @Test
  void lamp_ofEqualScores_countsTheLowerNumberAsLarger() {
    assertThat(Normaliser.LAMP.apply(new double[] {2, 1, 2}))
        .containsExactly(new double[] {1, .2, .5}, within(1e-12));
  }

  static Stream<Normaliser> all() {
    return ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("all")
  void scores_thatAreAllZero_stayZero(Normaliser normaliser) {
    assertThat(normaliser.apply(new double[5])).containsExactly(0, 0, 0, 0, 0);
    assertThat(normaliser.apply(new double[1])).containsExactly(0);
    assertThat(normaliser.apply(new double[0])).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("all")
  void scores_ofOneUnit_areFinite(Normaliser normaliser) {
    assertThat(normaliser.apply(new double[] {3})[0]).isFinite();
  }

  @Test
  void negativeScores_whereTheyWouldTurnTheOrderAround_areRefused() {
    for (Normaliser normaliser : ALL) {
      double[] scores = {-3, 1, 1};
      List<Normaliser> ordering = List.of(Normaliser.NONE, Normaliser.MIN_MAX, Normaliser.GAUSSIAN);
      if (ordering.contains(normaliser)) {
        assertThat(normaliser.apply(scores)[0]).isLessThan(normaliser.apply(scores)[1]);
      } else {
        assertThatThrownBy(() -> normaliser.apply(scores))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("negative score to divide by: Normaliser " + normaliser);
      }
    }
  }

  @Test
  void sum_thatIsTooLarge_isRefused() {
    double[] scores = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (Normaliser normaliser : List.of(Normaliser.SUM, Normaliser.MEAN, Normaliser.LAMP)) {
      assertThatThrownBy(() -> normaliser.apply(scores))
          .hasMessageStartingWith("scores too large to sum: Normaliser " + normaliser)
          .hasMessageEndingWith("take Normaliser.MAX.");
    }
    assertThat(Normaliser.MAX.apply(scores)).containsExactly(1, 1);
  }

  @Test
  void rank_outside_isRefused() {
    for (double q : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> Normaliser.sentinel(q))
          .hasMessageStartingWith("rank out of range: Normaliser.sentinel; expected 0 <= q < 1");
    }
    // floor(0.29 * 100) = 29 exactly, where 0.29 * 100 in doubles is less
    double[] scores = DoubleStream.iterate(1, s -> s + 1).limit(100).toArray();
    assertThat(Normaliser.sentinel(0.29).apply(scores)[29]).isCloseTo(1, within(1e-9));
  }

  /** Zeros, ties and sizes far apart among them. */
  @Provide
  Arbitrary<double[]> scores() {
    return Arbitraries.of(0d, 1e-9, 0.25, 1d, 1d, 3.7, 12d, 1e9)
        .array(double[].class)
        .ofMinSize(1)
        .ofMaxSize(12);
  }

  /** LAMP alone breaks ties, and by the rule: the lower number stays. */
  @Property(tries = 200)
  void order_ofAnyScores_stays(@ForAll("scores") double[] scores) {
    for (Normaliser normaliser : ALL) {
      double[] found = normaliser.apply(scores);
      for (int i = 0; i < scores.length; i++) {
        assertThat(found[i]).as("%s of %s", normaliser, Arrays.toString(scores)).isFinite();
        for (int j = i + 1; j < scores.length; j++) {
          if (scores[i] > scores[j]) {
            assertThat(found[i]).isGreaterThanOrEqualTo(found[j]);
          } else if (scores[i] < scores[j]) {
            assertThat(found[i]).isLessThanOrEqualTo(found[j]);
          } else if (normaliser == Normaliser.LAMP) {
            assertThat(found[i]).isGreaterThanOrEqualTo(found[j]);
          } else {
            assertThat(found[i]).isEqualTo(found[j]);
          }
        }
      }
    }
  }

  @Test
  void ruleOfOnesOwn_thatGivesNothingOrTooLittle_isNamed() {
    assertThatThrownBy(() -> Normaliser.of("mine", s -> null).apply(new double[] {1, 2}))
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith("argument missing: Normaliser mine, what its rule gives; ");
    assertThatThrownBy(() -> Normaliser.of("mine", s -> new double[1]).apply(new double[] {1, 2}))
        .hasMessage(
            "wrong number of scores: Normaliser mine, what its rule gives; expected 2, found 1;"
                + " give one for each that the rule is given.");
  }
}
