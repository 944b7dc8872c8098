package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ai.djl.Model;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.NamedTensors;
import org.vpns.testing.Altered;
import org.vpns.testing.Fixtures;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;

/** Weights that come from somebody's own reader. */
final class GivenTensorsTest {
  private static WeightFile weights(String method, Object given) {
    NamedTensors real = Fixtures.tinyresnet();
    return WeightFile.of(Altered.of(NamedTensors.class, method, given, real), "own")
        .lenient()
        .stripPrefix("model.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"names", "shape", "type", "floats"})
  void whatGivesNothing_isNamed_andTheModelIsAsItWas(String method) {
    try (Model model = TinyResNet.newModel()) {
      List<Integer> before = Outcome.logits(model);
      assertThatNullPointerException()
          .isThrownBy(() -> weights(method, null).into(model))
          .withMessageStartingWith("argument missing: own, ")
          .withMessageContaining("what NamedTensors." + method + " gives; ");
      assertThat(Outcome.logits(model)).isEqualTo(before);
    }
  }

  @Test
  void metadataThatIsNone_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> weights("metadata", null).metadata())
        .withMessageStartingWith("argument missing: own, what NamedTensors.metadata gives; ");
  }

  @Test
  void nameThatIsNone_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(
            () -> {
              try (Model model = TinyResNet.newModel()) {
                weights("names", Arrays.asList("fc.weight", null)).into(model);
              }
            })
        .withMessageStartingWith("argument missing: own, what NamedTensors.names gives[1]; ");
  }

  /** The call that helps begins as the caller's own does. */
  @Test
  void callThatHelps_isThatOfTensors() {
    try (Model model = TinyResNet.newModel()) {
      WeightFile weights = WeightFile.of(Fixtures.tinyresnet(), "own");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> weights.into(model))
          .withMessageContaining(
              "WeightFile.of(tensors, \"own\").stripPrefix(\"model.\").lenient().into(model).");
    }
  }

  @Test
  void tooFewValues_areRefused_andTheModelIsAsItWas() {
    try (Model model = TinyResNet.newModel()) {
      List<Integer> before = Outcome.logits(model);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> weights("floats", new float[3]).into(model))
          .withMessageStartingWith("values do not fill the tensor: own, tensor '")
          .withMessageContaining("what NamedTensors.floats gives; expected ")
          .withMessageContaining("found 3; ");
      assertThat(Outcome.logits(model)).isEqualTo(before);
    }
  }
}
