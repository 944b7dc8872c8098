package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterFilter;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.Seeds;
import org.vpns.internal.network.Network;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;

/** What every {@link Scorer} that looks at weights alone promises. */
public abstract class ScorerContract {
  /** A new scorer; equal ones every time. */
  protected abstract Scorer scorer();

  private static Scores score(Model model, Scorer scorer, ParameterFilter filter, long seed) {
    try (Network network = Network.open(model, filter)) {
      Scores scores = scorer.score(network.scoringContext(new Seeds(seed)));
      assertThat(scores.layout()).isEqualTo(network.layout());
      return scores;
    }
  }

  @Test
  void scores_areNumbers_oneForEachWeight() {
    try (Model model = TinyResNet.newModel()) {
      Scores scores = score(model, scorer(), ParameterFilter.weights(), 1);
      scores.requireNumbers();
    }
  }

  @Test
  void scores_ofTheSameSeed_areTheSameBits() {
    try (Model model = TinyResNet.newModel()) {
      Scores first = score(model, scorer(), ParameterFilter.weights(), 1);
      assertThat(score(model, scorer(), ParameterFilter.weights(), 1).values())
          .isEqualTo(first.values());
    }
  }

  @Test
  void network_isUntouched() {
    try (Model model = TinyResNet.newModel()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      List<Integer> logits = Outcome.logits(model);
      score(model, scorer(), ParameterFilter.weights(), 1);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
      assertThat(Outcome.logits(model)).isEqualTo(logits);
    }
  }

  @Test
  void filter_isRespected() {
    try (Model model = TinyResNet.newModel()) {
      Scores scores = score(model, scorer(), ParameterFilter.matching("layer2\\..*"), 1);
      assertThat(scores.layout().paths()).allMatch(path -> path.startsWith("layer2."));
    }
  }

  @Test
  void scorer_describesItself() {
    assertThat(scorer().describe()).isNotBlank().isEqualTo(scorer().describe());
  }
}
