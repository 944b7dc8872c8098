package org.vpns.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.Sparsity;

class RoundsTest {
  @Test
  void after_isTheClosedForm() {
    String[] expected = {"0", "0.2", "0.36", "0.488", "0.5904", "0.67232", "0.737856"};
    for (int r = 0; r < expected.length; r++) {
      assertThat(Rounds.DEFAULT.after(r)).isEqualTo(Sparsity.of(expected[r]));
    }
  }

  private static long[] kept(long n, int rounds) {
    return IntStream.rangeClosed(1, rounds)
        .mapToLong(r -> Rounds.DEFAULT.after(r).keep(n))
        .toArray();
  }

  /** A fifth of rounded counts would drift: of 5272 after four rounds 2160, not 2161. */
  @Test
  void after_ofKnownNetworks_keepsTheirCounts() {
    assertThat(kept(1000, 5)).containsExactly(800, 640, 512, 410, 328);
    assertThat(kept(10, 7)).containsExactly(8, 7, 6, 5, 4, 3, 3);
    assertThat(kept(5272, 4)).containsExactly(4218, 3375, 2700, 2160);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.1, 1",
    "0.2, 1",
    "0.36, 2",
    "0.4, 3",
    "0.5, 4",
    "0.6, 5",
    "0.7, 6",
    "0.8, 8",
    "0.9, 11",
    "0.95, 14",
    "0.98, 18"
  })
  void until_byFifths_isAsWorked(String target, int rounds) {
    assertThat(Rounds.DEFAULT.until(Sparsity.of(target))).isEqualTo(rounds);
  }

  /** 1 - 0.8^r in doubles is sometimes above the closed form, by bits. */
  @Test
  void until_aTargetComputedInDoubles_isItsRound() {
    for (int r = 1; r <= 40; r++) {
      assertThat(Rounds.DEFAULT.until(Sparsity.of(1 - Math.pow(0.8, r)))).isEqualTo(r);
    }
  }

  @Test
  void rounds_withoutSense_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rounds(Sparsity.DENSE))
        .withMessage(
            "rate out of range: Rounds; expected 0 < p < 1, found 0; pass 0.2 for 20 % each"
                + " round.");
    assertThatIllegalArgumentException().isThrownBy(() -> new Rounds(Sparsity.of(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rounds.DEFAULT.until(Sparsity.of(1)))
        .withMessage(
            "sparsity out of range: Rounds.until; expected 0 <= s < 1, found 1; keep some"
                + " weights.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rounds.DEFAULT.after(-1))
        .withMessageStartingWith("round out of range: Rounds.after;");
  }
}
