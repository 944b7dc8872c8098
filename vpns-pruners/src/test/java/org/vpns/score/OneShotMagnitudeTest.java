package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;

/** One-shot magnitude on the reference network: the masks must be those of the fixture. */
class OneShotMagnitudeTest {
  static FakeContext network() {
    SafeTensors tensors = Fixtures.tinyresnet();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    Map<String, float[]> weights = new LinkedHashMap<>();
    Fixtures.coreJson()
        .getAsJsonObject("layout")
        .getAsJsonArray("prunable")
        .forEach(
            name -> {
              String path = name.getAsString();
              shapes.put(path, tensors.shape("model." + path));
              weights.put(path, tensors.floats("model." + path));
            });
    Layout layout = Layout.of(shapes);
    return new FakeContext(layout, Scores.of(layout, weights).values(), 7);
  }

  static MaskSet prune(FakeContext context, Sparsity sparsity) {
    return Allocations.global().allocate(Scorers.magnitude().score(context), sparsity);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.8", "0.9"})
  void masks_ofTheReferenceNetwork_areThoseOfTheFixture(String s) {
    MaskSet masks = prune(network(), Sparsity.of(s));
    byte[] expected = Fixtures.core().bytes("magnitude-" + s + ".mask");
    Layout layout = masks.layout();
    assertThat(layout.size()).isEqualTo(5272).isEqualTo(expected.length);
    for (int i = 0; i < layout.tensors(); i++) {
      for (int j = 0; j < layout.size(i); j++) {
        assertThat(masks.get(layout.path(i)).isKept(j))
            .as("%s[%d]", layout.path(i), j)
            .isEqualTo(expected[layout.offset(i) + j] != 0);
      }
    }
    Fixtures.coreJson()
        .getAsJsonObject("runs")
        .getAsJsonObject("magnitude-" + s)
        .getAsJsonObject("kept_per_layer")
        .asMap()
        .forEach((path, kept) -> assertThat(masks.get(path).kept()).isEqualTo(kept.getAsInt()));
  }
}
