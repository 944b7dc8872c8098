package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.NetworkMode;
import org.vpns.Scores;
import org.vpns.ScoringLoss;
import org.vpns.ScoringNetwork;
import org.vpns.ScoringSet;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/**
 * SNIP and GraSP on the small network against float64 references. Bounds, relative to the largest
 * score, and the masks' four bits are those that the fixture's own float32 runs call for.
 */
final class ScorerFixtureTest {
  private static final SafeTensors FILE = Fixtures.baselines();
  @TempDir Path folder;

  private static SnipScorer snip(NetworkMode mode) {
    return Scorers.snip().images(Scoring.ALL).mode(mode);
  }

  private static GraspScorer grasp(NetworkMode mode) {
    return Scorers.grasp().images(Scoring.ALL).mode(mode);
  }

  private static Stream<Arguments> scorers() {
    return Stream.of(
        Arguments.of("snip", snip(NetworkMode.EVAL), 1e-5),
        Arguments.of("snip_trainmode", snip(NetworkMode.TRAIN), 5e-4),
        Arguments.of("grasp", grasp(NetworkMode.EVAL), 1e-5),
        Arguments.of("grasp_trainmode", grasp(NetworkMode.TRAIN), 5e-4),
        Arguments.of("grasp_t200", grasp(NetworkMode.EVAL).temperature(200), 1e-5),
        Arguments.of("grasp_trainmode_t200", grasp(NetworkMode.TRAIN).temperature(200), 2e-3));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scorers")
  void scores_onTheFixture_areTheReference(String run, RepeatedScorer scorer, double bound) {
    check(run, Scoring.scores(scorer), bound);
  }

  private static void check(String run, Scores scores, double bound) {
    double error = Scoring.error(scores.values(), FILE.doubles(run + ".score"));
    assertThat(error).isLessThan(bound);
    for (String sparsity : new String[] {"0.8", "0.9", "0.98"}) {
      int differing =
          Scoring.differing(Scoring.best(scores, sparsity), FILE, run + ".mask@" + sparsity);
      assertThat(differing).as(sparsity).isLessThanOrEqualTo(4);
    }
  }

  /** A module gives gradients in training mode alone. */
  @ParameterizedTest
  @CsvSource({"snip_trainmode, 5e-4", "grasp_trainmode, 5e-4"})
  void scores_ofATorchScriptModule_areTheReference(String run, double bound) throws Exception {
    try (Model model = Model.newInstance("module")) {
      Path file = Fixtures.copy("tinyresnet.pt", folder);
      model.load(file, null, Map.of("trainParam", "true"));
      RepeatedScorer scorer =
          run.startsWith("snip") ? snip(NetworkMode.TRAIN) : grasp(NetworkMode.TRAIN);
      check(run, Scoring.look(model, scorer::score), bound);
      // the module is as it was: the same again
      check(run, Scoring.look(model, scorer::score), bound);
    }
  }

  /** Batch by batch in another order, in evaluation mode: the mean over all images is the same. */
  @Test
  void snip_inEvaluationMode_doesNotDependOnTheOrder() {
    Scores shuffled =
        Scoring.scores(Scorers.snip().images(ScoringSet.batches(8)).mode(NetworkMode.EVAL));
    // 2e-7 is float32's own deviation from the reference; another order rounds otherwise
    assertThat(Scoring.error(shuffled.values(), FILE.doubles("snip.score"))).isLessThan(1e-5);
  }

  @Test
  void loss_ofEitherMode_isTheOneThatTellsThemApart() {
    try (Model model = TinyResNet.newModel()) {
      assertThat(meanLoss(model, NetworkMode.EVAL)).isBetween(2.11263, 2.11264);
      assertThat(meanLoss(model, NetworkMode.TRAIN)).isBetween(1.88376, 1.88377);
    }
  }

  private static double meanLoss(Model model, NetworkMode mode) {
    return Scoring.look(
        model,
        context -> {
          ScoringLoss loss = context.loss(Scoring.ALL).mode(mode);
          double[] sum = new double[1];
          try (ScoringNetwork network = context.network(mode)) {
            loss.images()
                .forEach(
                    (input, labels) ->
                        sum[0] += loss.share(labels, network.forward(input)).getFloat());
          }
          return sum[0];
        });
  }
}
