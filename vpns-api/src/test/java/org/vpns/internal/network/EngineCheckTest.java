package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine that computes wrongly is refused. */
final class EngineCheckTest {
  /** The tests of this project are worth nothing where this one fails. */
  @Test
  void engineOfTheTests_computesRightly() {
    try (NDManager manager = NDManager.newBaseManager()) {
      // sums of some hundred float32 products
      assertThat(EngineCheck.error(manager)).isLessThan(1e-5);
      assertThatCode(() -> EngineCheck.require(manager)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, 1e-3, Double.POSITIVE_INFINITY})
  void wrongSums_areRefused_withWhatHelps(double error) {
    assertThatThrownBy(() -> EngineCheck.require("Some engine 1", error))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "engine computes wrong convolutions on this processor: Some engine 1; expected ")
        .hasMessageContaining("ONEDNN_MAX_CPU_ISA=SSE41");
  }
}
