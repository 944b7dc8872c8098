package org.vpns.internal.graph.op;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.op.ForwardPass;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.WithNumber;
import org.vpns.testing.LateGradients;

/** Numbers of a graph are there in the backward pass, whatever Java does with its memory. */
final class LateGradientsTest {
  /** At x = 2 with the number 3: 3, 1/3, 3 x^2, which one is larger, smaller, 1 for a remainder. */
  @ParameterizedTest
  @CsvSource({
    "ADD, 1",
    "SUB, 1",
    "MUL, 3",
    "DIV, 0.33333334",
    "MOD, 1",
    "POW, 12",
    "MAX, 0",
    "MIN, 1"
  })
  void gradient_afterAGarbageCollection_isThatOfTheNumber(Pair function, float expected) {
    for (Number number : new Number[] {3f, 3L, 3.0}) {
      WithNumber operator = WithNumber.of(function, number);
      float[] found =
          LateGradients.of(
              x -> operator.apply(new NDArray[] {x}, new ForwardPass(false, 1, x.getManager()))[0],
              2,
              2,
              2);
      assertThat(found).containsExactly(expected, expected, expected);
    }
  }
}
