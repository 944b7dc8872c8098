package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;

class ScorersTest {
  private static final Layout AB =
      Layout.of(ImmutableMap.of("a", new Shape(4), "b", new Shape(2, 2)));

  private static Scores scaled(Shape shape, float... weights) {
    return Scorers.scaledInitialisation()
        .score(new FakeContext(Layout.of(Map.of("w", shape)), weights, 0));
  }

  @Test
  void magnitude_isTheAbsoluteValue() {
    float[] weights = {1, -2, -0f, 0.5f, -Float.MIN_VALUE, 3, -4, 0};
    assertThat(Scorers.magnitude().score(new FakeContext(AB, weights, 0)).values())
        .containsExactly(1, 2, 0, 0.5f, Float.MIN_VALUE, 3, 4, 0);
  }

  /** sqrt(6 / 2) * (0.5, -1, 0, 0.25). */
  @Test
  void scaledInitialisation_ofAConvolution_dividesByMaximumAndFanIn() {
    // one rounding to float of numbers up to 1.8: 6e-8, and seven written digits
    assertThat(scaled(new Shape(2, 2, 1, 1), 0.3f, -0.6f, 0, 0.15f).values())
        .containsExactly(new float[] {0.8660254f, -1.7320508f, 0, 0.4330127f}, within(2e-7f));
  }

  @Test
  void scaledInitialisation_ofALinearLayer_dividesByMaximumAndFanIn() {
    assertThat(scaled(new Shape(2, 3), 1, -2, 3, 0, 4, -1).values())
        .containsExactly(
            new float[] {0.3535534f, -0.7071068f, 1.0606601f, 0, 1.4142136f, -0.3535534f},
            within(2e-7f));
  }

  /** fan_in of (8, 3, 3, 3) is 27, of a grouped (8, 1, 3, 3) it is 9. */
  @Test
  void scaledInitialisation_atTheMaximum_isTheBoundOfTheFanIn() {
    float[] weights = new float[8 * 27];
    weights[100] = -1e-30f;
    assertThat(scaled(new Shape(8, 3, 3, 3), weights).get(100))
        .isEqualTo((float) -Math.sqrt(6.0 / 27));
    float[] depthwise = new float[8 * 9];
    depthwise[71] = Float.MAX_VALUE;
    assertThat(scaled(new Shape(8, 1, 3, 3), depthwise).get(71))
        .isEqualTo((float) Math.sqrt(6.0 / 9));
  }

  @Test
  void scaledInitialisation_ofZeros_isZeros() {
    float[] weights = {0, -0f, 0, 0, 0, 0.5f, -0.25f, 0};
    float[] scores = Scorers.scaledInitialisation().score(new FakeContext(AB, weights, 0)).values();
    assertThat(scores)
        .containsExactly(new float[] {0, 0, 0, 0, 0, 1.7320508f, -0.8660254f, 0}, within(2e-7f));
  }

  @Test
  void scaledInitialisation_ofEmptyTensors_isEmpty() {
    assertThat(scaled(new Shape(0, 3)).values()).isEmpty();
    assertThat(scaled(new Shape(3, 0)).values()).isEmpty();
  }

  /** A broken weight is found under its own index when its scores are selected. */
  @Test
  void scores_ofABrokenWeight_nameIt() {
    float[] weights = {1, 2, 3, 4, 5, Float.NaN, 7, 8};
    FakeContext context = new FakeContext(AB, weights, 0);
    Sparsity half = Sparsity.of(0.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Allocations.global().allocate(Scorers.magnitude().score(context), half))
        .withMessageStartingWith("score is not a number: b[1];");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Allocations.global().allocate(Scorers.scaledInitialisation().score(context), half))
        .withMessageStartingWith("score is not a number: b[1];");
  }

  /**
   * Computed outside the JDK from the definition of the streams: seed 7, names random-mask/a and
   * random-mask/b.
   */
  @Test
  void random_ofAKnownSeed_neverChanges() {
    assertThat(Scorers.random().score(new FakeContext(AB, new float[8], 7)).values())
        .containsExactly(
            0.087032914f,
            0.98831385f,
            0.98224276f,
            0.045957685f,
            4.6402216E-4f,
            0.47812665f,
            0.52373505f,
            0.8755065f);
  }

  @Test
  void random_ofOneTensor_doesNotDependOnTheOthers() {
    Layout alone = Layout.of(Map.of("b", new Shape(2, 2)));
    Scores both = Scorers.random().score(new FakeContext(AB, new float[8], 7));
    Scores one = Scorers.random().score(new FakeContext(alone, new float[4], 7));
    for (int i = 0; i < 4; i++) {
      assertThat(one.get(i)).isEqualTo(both.get(4 + i));
    }
  }

  /**
   * Of 100,000 numbers uniform on [0, 1) the mean has deviation 0.29 / 316 = 9.1e-4 and each tenth
   * holds 10,000 with deviation 95; the bounds are 5 deviations, the seed is fixed.
   */
  @Test
  void random_isUniformBetweenZeroAndOne() {
    Layout layout = Layout.of(Map.of("w", new Shape(100_000)));
    float[] scores =
        Scorers.random().score(new FakeContext(layout, new float[100_000], 9)).values();
    int[] tenths = new int[10];
    double sum = 0;
    for (float score : scores) {
      assertThat(score >= 0 && score < 1).isTrue();
      tenths[(int) (score * 10)]++;
      sum += score;
    }
    assertThat(sum / scores.length).isCloseTo(0.5, within(5 * 9.1e-4));
    for (int count : tenths) {
      assertThat(count).isBetween(10_000 - 475, 10_000 + 475);
    }
  }

  @Test
  void scorers_describeThemselves() {
    assertThat(Scorers.magnitude().describe()).isEqualTo("magnitude");
    assertThat(Scorers.random().describe()).isEqualTo("random");
    assertThat(Scorers.scaledInitialisation().describe()).isEqualTo("scaled initialisation");
  }
}
