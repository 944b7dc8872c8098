package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;
import org.vpns.train.MovingMask.Change;
import org.vpns.train.MovingMask.Moment;
import org.vpns.train.MovingMask.Movement;
import org.vpns.train.MovingMask.Span;

/** Dropping and growing by hand: one tensor of six or seven weights. */
final class RegrowthTest {
  /** One tensor at one step. */
  private record View(long step, MaskSet masks, float[] weights, float[] gradient)
      implements MovingMask.View {
    @Override
    public ScoringContext context() {
      return new ScoringContext() {
        @Override
        public Layout layout() {
          return masks.layout();
        }

        @Override
        public float[] weights(int index) {
          return weights.clone();
        }

        @Override
        public RandomGenerator random(String name) {
          return View.this.random(name);
        }
      };
    }

    @Override
    public RandomGenerator random(String name) {
      return new Seeds(step).stream(name);
    }
  }

  private static MaskSet mask(String bits) {
    return MaskSet.of(Map.of("w", Mask.parse(new Shape(bits.length()), bits)));
  }

  private static final float[] THETA = {.5f, -.1f, .3f, 0, 0, 0};

  /** nnz 3, alpha 0.999 at t = 1 of 2: f is just below a half, so k = 1. */
  private static Change rigl(boolean released, float... gradient) {
    Regrowth rule =
        new Regrowth(
            MaskRule.keep(), Pace.cosine(0.999, 1, 1), false, Growth.GRADIENT, false, released);
    Movement movement = rule.movement(new Span(2, 1), mask("111000"));
    assertThat(movement.at(0)).isEqualTo(Moment.INSTEAD_OF_UPDATE);
    return movement.change(new View(0, mask("111000"), THETA, gradient));
  }

  @Test
  void rigl_dropsTheSmallestWeight_growsTheLargestGradient() {
    Change change = rigl(false, 9, .7f, -9, .2f, -.8f, .1f);
    assertThat(change.masks()).isEqualTo(mask("101010"));
    assertThat(change.fresh()).isEqualTo(mask("000010"));
  }

  @Test
  void rigl_growsWhatItJustDropped_fromZero() {
    Change change = rigl(false, 9, .9f, 9, .2f, .8f, .1f);
    assertThat(change.masks()).isEqualTo(mask("111000"));
    assertThat(change.fresh()).isEqualTo(mask("010000"));
  }

  @Test
  void releasedRigl_growsWhatItJustDropped_asItWas() {
    Change change = rigl(true, 9, .9f, 9, .2f, .8f, .1f);
    assertThat(change.masks()).isEqualTo(mask("111000"));
    assertThat(change.fresh()).isEqualTo(mask("000000"));
  }

  @Test
  void rigl_ofEqualWeights_dropsTheHigherIndex_andGrowsTheLower() {
    Regrowth rule =
        new Regrowth(
            MaskRule.keep(), Pace.cosine(0.999, 1, 1), false, Growth.GRADIENT, false, false);
    Movement movement = rule.movement(new Span(2, 1), mask("111000"));
    float[] equal = {.1f, -.1f, .1f, 0, 0, 0};
    float[] gradient = {1, 1, -1, 2, -2, 2};
    assertThat(movement.change(new View(0, mask("111000"), equal, gradient)).masks())
        .isEqualTo(mask("110100"));
  }

  @Test
  void explored_afterOneMovement_isTheUnion() {
    Regrowth rule =
        new Regrowth(
            MaskRule.keep(), Pace.cosine(0.999, 1, 1), false, Growth.GRADIENT, false, false);
    Movement movement = rule.movement(new Span(2, 1), mask("111000"));
    assertThat(movement.explored()).isEqualTo(3 / 6.0);
    movement.change(new View(0, mask("111000"), THETA, new float[] {9, .7f, 9, .2f, .8f, .1f}));
    assertThat(movement.explored()).isEqualTo(4 / 6.0);
  }

  @Test
  void movement_ofADenseTensor_changesNothing() {
    Regrowth rule =
        new Regrowth(
            MaskRule.keep(), Pace.cosine(0.999, 1, 1), false, Growth.GRADIENT, false, false);
    Movement movement = rule.movement(new Span(2, 1), mask("111111"));
    Change change =
        movement.change(new View(0, mask("111111"), new float[] {1, 2, 3, 4, 5, 6}, new float[6]));
    assertThat(change.masks()).isEqualTo(mask("111111"));
    assertThat(change.fresh()).isEqualTo(mask("000000"));
  }

  @ParameterizedTest
  @CsvSource({
    "0.3, 100, 7500, 0.299868, 29",
    "0.3, 1000, 7500, 0.287032, 28",
    "0.3, 7400, 7500, 0.000132, 0",
    "0.3, 4, 16, 0.256066, 25",
    "0.3, 8, 16, 0.15, 15",
    "0.3, 12, 16, 0.043934, 4"
  })
  void fraction_fallsByACosine(double alpha, long t, long end, double expected, int dropsOf100) {
    double f = Pace.cosine(alpha, 1, 1).at(t, new Span(end, 1));
    // the digits printed
    assertThat(f).isCloseTo(expected, Offset.offset(5e-7));
    assertThat((int) Math.floor(f * 100 + 1e-9)).isEqualTo(dropsOf100);
  }

  @Test
  void rigl_movesInPlaceOfEveryTenthUpdate_beforeItsEnd() {
    Movement movement =
        new Regrowth(
                MaskRule.keep(), Pace.cosine(0.3, 10, 0.75), false, Growth.GRADIENT, false, false)
            .movement(new Span(40, 10), mask("10"));
    for (long step = 0; step < 40; step++) {
      // steps are counted from 0, t from 1; T_end is 30
      boolean moves = step == 9 || step == 19;
      assertThat(movement.at(step)).isEqualTo(moves ? Moment.INSTEAD_OF_UPDATE : Moment.NEVER);
    }
  }

  @Test
  void itopAtRandom_movesAfterEveryTenthUpdate_beforeItsEnd() {
    Movement movement =
        new Regrowth(
                MaskRule.keep(), Pace.cosine(0.3, 10, 0.75), false, Growth.RANDOM, false, false)
            .movement(new Span(40, 10), mask("10"));
    for (long step = 0; step < 40; step++) {
      boolean moves = step == 10 || step == 20;
      assertThat(movement.at(step)).isEqualTo(moves ? Moment.BEFORE_STEP : Moment.NEVER);
    }
  }

  @Test
  void set_dropsOnEachSideOfZero() {
    float[] theta = {.1f, .5f, .2f, .9f, -.05f, -.9f, -.3f};
    // n+ = 4: ceil(1.2) = 2 smallest; n- = 3: ceil(0.9) = 1 closest to zero
    assertThat(Picks.awayFromZero("w", theta, mask("1111111").get("w"), 0.3))
        .isEqualTo(mask("0101011").get("w"));
  }

  @Test
  void set_dropsWeightsAtZero_andTiesAtTheHigherIndex() {
    float[] theta = {.1f, 0, .1f, -.2f, -0f, -.2f};
    assertThat(Picks.awayFromZero("w", theta, mask("111111").get("w"), 0.5))
        .isEqualTo(mask("100100").get("w"));
  }

  @Test
  void set_growsAmongThoseThatWereInactive_betweenEpochs() {
    Movement movement =
        new Regrowth(MaskRule.keep(), Pace.perEpoch(0.3), true, Growth.RANDOM, false, false)
            .movement(new Span(9, 3), mask("11110000"));
    for (long step = 0; step < 9; step++) {
      boolean moves = step == 3 || step == 6;
      assertThat(movement.at(step)).isEqualTo(moves ? Moment.BEFORE_STEP : Moment.NEVER);
    }
    float[] theta = {.1f, .2f, .3f, .4f, 0, 0, 0, 0};
    for (long step = 0; step < 20; step++) {
      Change change = movement.change(new View(step, mask("11110000"), theta, theta));
      assertThat(change.masks().kept()).isEqualTo(4);
      assertThat(change.masks().and(mask("11110000"))).isEqualTo(mask("00110000"));
      assertThat(change.fresh()).isEqualTo(change.masks().andNot(mask("11110000")));
    }
    assertThat(movement.explored()).isEqualTo(1);
  }

  @Test
  void set_withoutRoom_sparesTheLargestOfTheDropped() {
    Movement movement =
        new Regrowth(MaskRule.keep(), Pace.perEpoch(0.5), true, Growth.RANDOM, false, false)
            .movement(new Span(9, 3), mask("111110"));
    float[] theta = {.1f, .5f, .2f, -.3f, -.4f, 0};
    // dropped: .1, .2 and -.3, but only one place is free
    assertThat(movement.change(new View(3, mask("111110"), theta, theta)).masks())
        .isEqualTo(mask("011111"));
  }

  @Test
  void movement_outOfRange_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pruners.rigl().alpha(1.5).stages(Sparsity.of("0.9")))
        .withMessageStartingWith(
            "option out of range: moving mask, alpha; expected 0 < alpha < 1, found 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pruners.rigl().every(0).stages(Sparsity.of("0.9")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pruners.itop().until(1.01).stages(Sparsity.of("0.9")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pruners.set().zeta(Double.NaN).stages(Sparsity.of("0.9")));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Regrowth(
                        MaskRule.keep(),
                        Pace.cosine(0.3, 100, 0.75),
                        false,
                        Growth.GRADIENT,
                        false,
                        false)
                    .movement(new Span(133, 10), mask("10")))
        .withMessageStartingWith("mask would never move: ")
        .withMessageContaining("expected an interval below 99, where the movement ends, found 100");
  }
}
