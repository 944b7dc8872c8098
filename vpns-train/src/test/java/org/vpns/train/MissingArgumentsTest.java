package org.vpns.train;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.MissingArguments;

class MissingArgumentsTest {
  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() {
    return MissingArguments.of(
        Trainer.class,
        ImageSets.class,
        PrunedModel.class,
        Recipe.class,
        Recipe.Builder.class,
        Stage.class,
        Stage.Builder.class,
        Mask.class,
        MaskSet.class);
  }

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
