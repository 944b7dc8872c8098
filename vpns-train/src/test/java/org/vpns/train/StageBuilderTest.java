package org.vpns.train;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StageBuilderTest {
  @Test
  void passes_oneOfThemIsNull_namesWhich() {
    Pass[] passes = {Pass.plain(), null};
    Stage.Builder builder = Stage.builder("tune");
    NullPointerException thrown =
        assertThrows(NullPointerException.class, () -> builder.passes(passes));
    assertTrue(
        String.valueOf(thrown.getMessage())
            .startsWith("argument missing: Stage.Builder.passes, passes[1];"),
        thrown::getMessage);
  }
}
