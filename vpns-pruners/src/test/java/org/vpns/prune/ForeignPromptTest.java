package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.predict.PromptFile;
import org.vpns.prompt.Prompts;
import org.vpns.testing.Altered;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Prompts by other authors that give nothing, or too much or too little, where they are asked. */
final class ForeignPromptTest {
  private static final int PIXELS = SmallRuns.input().height() * SmallRuns.input().width();
  private static final Length TWO = Length.iterations(2);

  /** A frame of 2 pixels by somebody else. */
  private record Framed(Function<VisualPrompt, VisualPrompt> seen) implements PromptFactory {
    @Override
    public VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
      return seen.apply(Prompts.pad(2).create(manager, input, random));
    }

    @Override
    public String describe() {
      return "framed";
    }
  }

  private static Throwable fit(Function<VisualPrompt, VisualPrompt> seen) {
    Recipe recipe =
        Recipe.of(Pruners.hydra().lengths(TWO, TWO), Sparsity.of("0.5"))
            .prompt(new Framed(seen))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Untouched before = Untouched.of(model);
      Throwable failure =
          catchThrowable(() -> Trainer.of(recipe).fit(model, SmallRuns.splits(manager)).close());
      before.assertStill(model);
      return failure;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "options", "input", "delta", "region", "picture", "forward"})
  void whatGivesNothing_isNamed(String method) {
    Throwable failure = fit(prompt -> Altered.without(VisualPrompt.class, method, prompt));
    assertThat(failure)
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith("argument missing: ")
        .hasMessageContaining(", what VisualPrompt." + method + " gives; ");
    Untouched.assertForm(failure);
  }

  private static void refused(String method, Object given, String message) {
    Throwable failure = fit(prompt -> Altered.of(VisualPrompt.class, method, given, prompt));
    assertThat(failure)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
    Untouched.assertForm(failure);
  }

  @Test
  void whatIsOfAnotherSize_isRefused() {
    String of = "recipe HYDRA + prompt, what VisualPrompt.";
    String another = "prompt of another size: " + of;
    refused("region", new boolean[7], another + "region gives; expected " + PIXELS + ", found 7; ");
    refused(
        "picture",
        new float[PIXELS],
        another + "picture gives; expected " + 3 * PIXELS + ", found " + PIXELS + "; ");
    refused("parameterCount", 5L, another + "parameterCount gives; expected 336, found 5; ");
    refused(
        "activePixels",
        PIXELS + 1,
        "number of pixels out of range: " + of + "activePixels gives; expected 0 to " + PIXELS);
    refused(
        "delta",
        Parameter.builder().setName("delta").setType(Parameter.Type.OTHER).build(),
        "prompt without values: " + of + "delta gives; ");
  }

  @Test
  void inputsThatAreNone_areRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray other = manager.zeros(new Shape(1, 3, 4, 4));
      String message = "prompt gives other images: prompt pad, what VisualPrompt.forward gives; ";
      refused("forward", new NDList(other), message);
      refused("forward", new NDList(), message);
    }
  }

  @Test
  void fileOfSuchAPrompt_isNotWritten(@TempDir Path folder) {
    Path file = folder.resolve("prompt.safetensors");
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualPrompt real = Prompts.pad(2).create(manager, SmallRuns.input(), new Random(7));
      VisualPrompt prompt = Altered.without(VisualPrompt.class, "options", real);
      assertThat(catchThrowable(() -> PromptFile.save(prompt, file)))
          .isInstanceOf(NullPointerException.class)
          .hasMessageStartingWith(
              "argument missing: " + file + ", what VisualPrompt.options gives; ");
      assertThat(file).doesNotExist();
    }
  }
}
