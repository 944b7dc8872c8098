package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class DistillationTest {
  @Test
  void distillation_outOfRange_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Distillation.of(0, 4))
        .withMessageStartingWith("teacher's share out of range: Distillation, lambda; expected");
    assertThatIllegalArgumentException().isThrownBy(() -> Distillation.of(Double.NaN, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> Distillation.of(1.01, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Distillation.of(0.5, 0))
        .withMessageStartingWith("temperature out of range: Distillation, temperature; expected");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Distillation.of(0.5, Double.POSITIVE_INFINITY));
  }
}
