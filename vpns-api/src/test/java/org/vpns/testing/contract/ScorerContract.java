package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterFilter;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.Seeds;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyImages;
import org.vpns.testing.TinyResNet;

/**
 * What every {@link Scorer} promises: a number for each prunable weight and for no other, the same
 * bits for the same seed, and a network, its statistics and its memory left as they were. The
 * scorer sees {@link TinyResNet}; whatever {@link org.vpns.ScoringSet} it asks for, it gets the
 * {@link TinyImages}.
 *
 * <pre>{@code
 * class SensitivityTest extends ScorerContract {
 *   @Override
 *   protected Scorer scorer() {
 *     return new Sensitivity();
 *   }
 * }
 * }</pre>
 */
public abstract class ScorerContract {
  /** A new scorer; equal ones every time. */
  protected abstract Scorer scorer();

  private static Scores score(Model model, Scorer scorer, ParameterFilter filter, long seed) {
    try (Network network = Network.open(model, filter)) {
      TinyImages images = new TinyImages(model.getNDManager());
      Scores scores =
          scorer.score(
              NetworkScoring.of(network, new Seeds(seed))
                  .input(new Shape(3, 32, 32))
                  .mapping(images::mapping)
                  .images(set -> images));
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
  void arrays_allOfThem_areClosed() {
    try (Model model = TinyResNet.newModel()) {
      score(model, scorer(), ParameterFilter.weights(), 1);
      int arrays = model.getNDManager().getManagedArrays().size();
      for (int i = 0; i < 3; i++) {
        score(model, scorer(), ParameterFilter.weights(), 1);
      }
      assertThat(model.getNDManager().getManagedArrays()).hasSize(arrays);
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
