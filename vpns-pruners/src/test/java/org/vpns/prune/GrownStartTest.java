package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.score.FakeContext;
import org.vpns.testing.Outcome;
import org.vpns.train.MaskRule;
import org.vpns.train.MovingMask;
import org.vpns.train.MovingMask.Change;
import org.vpns.train.MovingMask.Span;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Grown weights that begin at random values: N(0, 2 / fan-in) of their layer. */
final class GrownStartTest {
  private static final Shape SHAPE = new Shape(2, 3);

  @TempDir Path folder;

  /** Gradients and weights of two rows of three; streams of seed 7. */
  private record View(MaskSet masks, float[] weights, float[] gradient) implements MovingMask.View {
    @Override
    public long step() {
      return 0;
    }

    @Override
    public ScoringContext context() {
      return new FakeContext(masks.layout(), weights, 7);
    }

    @Override
    public RandomGenerator random(String name) {
      return new Seeds(7).stream(name);
    }
  }

  private static MaskSet mask(String bits) {
    return MaskSet.of(ImmutableMap.of("w", Mask.parse(SHAPE, bits)));
  }

  /**
   * k = 1: of (.5, -.1, .3) the second goes; by |gradient| the fifth comes, or the second again.
   */
  private static Change rigl(boolean initialised, boolean released, float... gradient) {
    float[] theta = {.5f, -.1f, .3f, 0, 0, 0};
    return new Regrowth(
            MaskRule.keep(),
            Pace.cosine(0.999, 1, 1),
            false,
            Growth.GRADIENT,
            initialised,
            released)
        .movement(new Span(2, 1), mask("111000"))
        .change(new View(mask("111000"), theta, gradient));
  }

  /** sqrt(2 / 3) times the first normal number of stream {@code grown/w} of seed 7. */
  private static float first() {
    return (float) (Math.sqrt(2 / 3.0) * new Seeds(7).stream("grown/w").nextGaussian());
  }

  @Test
  void rigl_initialised_startsTheGrownWeightAtItsDraw() {
    Change change = rigl(true, false, 9, .7f, 9, .2f, .8f, .1f);
    assertThat(change.masks()).isEqualTo(mask("101010"));
    assertThat(change.fresh()).isEqualTo(mask("000010"));
    assertThat(change.start()).containsExactly(0, 0, 0, 0, first(), 0);
    assertThat(first()).isNotZero();
  }

  @Test
  void rigl_initialised_startsWhatItJustDroppedAnew_butTheReleasedFormLeavesIt() {
    Change change = rigl(true, false, 9, .9f, 9, .2f, .8f, .1f);
    assertThat(change.masks()).isEqualTo(mask("111000"));
    assertThat(change.start()).containsExactly(0, first(), 0, 0, 0, 0);
    Change released = rigl(true, true, 9, .9f, 9, .2f, .8f, .1f);
    assertThat(released.masks()).isEqualTo(mask("111000"));
    assertThat(released.fresh().kept()).isZero();
    assertThat(released.start()).isNull();
  }

  @Test
  void rigl_byDefault_startsAtZero() {
    assertThat(rigl(false, false, 9, .7f, 9, .2f, .8f, .1f).start()).isNull();
  }

  @Test
  void set_initialised_startsEveryGrownWeight_inFlatOrder() {
    float[] theta = {.1f, .2f, .3f, 0, 0, 0};
    Change change =
        new Regrowth(MaskRule.keep(), Pace.perEpoch(0.5), true, Growth.RANDOM, true, false)
            .movement(new Span(9, 3), mask("111000"))
            .change(new View(mask("111000"), theta, new float[0]));
    assertThat(change.fresh().kept()).isEqualTo(2);
    RandomGenerator random = new Seeds(7).stream("grown/w");
    float[] expected = new float[6];
    for (int i = 0; i < 6; i++) {
      if (change.fresh().get("w").isKept(i)) {
        expected[i] = (float) (Math.sqrt(2 / 3.0) * random.nextGaussian());
      }
    }
    assertThat(change.start()).isEqualTo(expected);
  }

  /**
   * Of 100,000 numbers of deviation s the mean has deviation s / 316 and the deviation s / 447; the
   * bounds are five of those, the seed is fixed. A fraction of 0.6827 lies within s, give or take
   * 0.0015.
   */
  @Test
  void drawnWeights_haveTheDeviationOfTheirLayer() {
    Layout layout =
        Layout.of(ImmutableMap.of("conv", new Shape(625, 8, 4, 5), "fc", new Shape(2000, 50)));
    float[] values = Regrowth.drawn(layout, MaskSet.ones(layout), new Seeds(3)::stream);
    double[] deviations = {Math.sqrt(2 / 160.0), Math.sqrt(2 / 50.0)};
    for (int t = 0; t < 2; t++) {
      double sum = 0;
      double squares = 0;
      int within = 0;
      for (int i = layout.offset(t); i < layout.offset(t + 1); i++) {
        sum += values[i];
        squares += (double) values[i] * values[i];
        within += Math.abs(values[i]) < deviations[t] ? 1 : 0;
      }
      int n = 100_000;
      double s = deviations[t];
      assertThat(layout.size(t)).isEqualTo(n);
      assertThat(sum / n).isCloseTo(0, Offset.offset(5 * s / 316));
      assertThat(Math.sqrt(squares / n)).isCloseTo(s, Offset.offset(5 * s / 447));
      assertThat((double) within / n).isCloseTo(0.6827, Offset.offset(5 * 0.0015));
    }
    assertThat(values[0]).isNotEqualTo(values[layout.offset(1)]);
  }

  @Test
  void drawnWeights_ofOneLayer_doNotDependOnTheOthers() {
    Layout both = Layout.of(ImmutableMap.of("a", SHAPE, "b", SHAPE));
    Layout alone = Layout.of(ImmutableMap.of("b", SHAPE));
    float[] two = Regrowth.drawn(both, MaskSet.ones(both), new Seeds(3)::stream);
    float[] one = Regrowth.drawn(alone, MaskSet.ones(alone), new Seeds(3)::stream);
    for (int i = 0; i < 6; i++) {
      assertThat(one[i]).isEqualTo(two[6 + i]);
    }
  }

  private static Stream<Pruner> methods() {
    return Stream.of(
        Pruners.rigl()
            .initialiseGrown()
            .every(2)
            .until(1)
            .weights(SmallRuns.ADAM, SmallRuns.FINDING)
            .length(MovingMaskLawsTest.LENGTH),
        Pruners.itop()
            .initialiseGrown()
            .growAtRandom()
            .every(1)
            .weights(SmallRuns.SGD, SmallRuns.TUNING)
            .length(MovingMaskLawsTest.LENGTH),
        Pruners.set()
            .initialiseGrown()
            .weights(SmallRuns.SGD, SmallRuns.TUNING)
            .length(MovingMaskLawsTest.LENGTH));
  }

  private static Recipe recipe(Pruner pruner) {
    return Recipe.of(pruner, Sparsity.of("0.8"))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  private Outcome run(Trainer trainer) {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned = trainer.fit(model, SmallRuns.splits(manager))) {
      return Outcome.of(pruned);
    }
  }

  /** Cut between two movements; the draws of the second are those of the uninterrupted run. */
  @ParameterizedTest
  @MethodSource("methods")
  void run_cutAndResumed_drawsTheSameWeights(Pruner pruner) {
    Trainer trainer = Trainer.of(recipe(pruner));
    Outcome expected = run(trainer);
    Trainer cut = trainer.checkpoints(folder).checkpointEvery(1).listener(new Cut(11));
    assertThatThrownBy(() -> run(cut)).hasMessage(Cut.MESSAGE);
    assertThat(run(trainer.checkpoints(folder).resume())).isEqualTo(expected);
  }

  /** The start makes a difference, or these tests would say nothing. */
  @Test
  void runs_withAndWithoutInitialisedGrowth_differ() {
    RiglPruner rigl =
        Pruners.rigl()
            .every(2)
            .until(1)
            .weights(SmallRuns.SGD, SmallRuns.TUNING)
            .length(MovingMaskLawsTest.LENGTH);
    Set<Object> outcomes = new HashSet<>();
    outcomes.add(run(Trainer.of(recipe(rigl))));
    outcomes.add(run(Trainer.of(recipe(rigl.initialiseGrown()))));
    assertThat(outcomes).hasSize(2);
    assertThat(recipe(rigl.initialiseGrown()).options().toString())
        .contains("growing by gradient, grown weights initialised");
  }
}
