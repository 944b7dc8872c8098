package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

final class RenamingTest {
  /** A row is no column: a layer of one output has not the weights of one of one input. */
  @Test
  void shapes_areOneOnlyWhereAVectorHasAxesBeside() {
    assertThat(Renaming.isSame(new Shape(4), new Shape(4, 1, 1))).isTrue();
    assertThat(Renaming.isSame(new Shape(1, 4, 1, 1), new Shape(4))).isTrue();
    assertThat(Renaming.isSame(new Shape(2, 3), new Shape(2, 3))).isTrue();

    assertThat(Renaming.isSame(new Shape(1, 4), new Shape(4, 1))).isFalse();
    assertThat(Renaming.isSame(new Shape(4, 1, 1, 1), new Shape(1, 4, 1, 1))).isFalse();
    assertThat(Renaming.isSame(new Shape(4), new Shape(2, 2))).isFalse();
    assertThat(Renaming.isSame(new Shape(4), new Shape(5, 1, 1))).isFalse();
    assertThat(Renaming.isSame(new Shape(), new Shape(1))).isFalse();
  }
}
