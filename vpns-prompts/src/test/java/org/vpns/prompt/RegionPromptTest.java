package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.ImageInput;
import org.vpns.VisualPrompt;

class RegionPromptTest {
  private static final ImageInput SMALL =
      ImageInput.of(3, 12, 9)
          .imageSize(7, 6)
          .normalisation(new float[] {0.4f, 0.5f, 0.6f}, new float[] {0.2f, 0.3f, 0.4f});
  private static final float[] UPSTREAM = {1, 2, 3, 4};

  static Stream<PromptSpec> all() {
    return Stream.of(
        Prompts.pad(2),
        Prompts.pad(4),
        Prompts.fix(5),
        Prompts.random(5),
        Prompts.random(5).patch(),
        Prompts.random(5).perImage().excludeLast(),
        Prompts.expansive(),
        Prompts.pad(2).sigmoid(),
        Prompts.random(5).sigmoid(),
        Prompts.random(5).patch().perImage().sigmoid());
  }

  /** A canvas of 2 x 2 on which a frame of one pixel is everything. */
  private static PromptRunner whole(PromptSpec spec) {
    return new PromptRunner(spec, ImageInput.of(1, 2, 2));
  }

  @Test
  void additive_workedVector_clampsAndStopsTheGradientBelowZero() {
    try (PromptRunner runner = whole(Prompts.pad(1))) {
      runner.set(-0.1f, 0.3f, 0.0625f, 0);
      PromptRunner.Pass pass =
          runner.pass(new float[] {0, 0.2f, 0.9f, 0.5f}, new Shape(1, 1, 2, 2), UPSTREAM);
      assertThat(pass.out()).containsExactly(new float[] {0, 0.5f, 0.9625f, 0.5f}, within(1e-7f));
      assertThat(pass.grad()).containsExactly(0, 2, 3, 4);
    }
  }

  @Test
  void additive_exactlyOnTheBounds_passesTheGradient() {
    try (PromptRunner runner = whole(Prompts.pad(1))) {
      runner.set(0, 0.75f, 0.125f, 0.5f);
      PromptRunner.Pass pass =
          runner.pass(new float[] {0, 0.25f, 0.875f, 0.5f}, new Shape(1, 1, 2, 2), UPSTREAM);
      assertThat(pass.out()).containsExactly(0, 1, 1, 1);
      assertThat(pass.grad()).containsExactly(1, 2, 3, 4);
      assertThat(pass.imageGrad()).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void sigmoid_workedVector_startsGreyAndSaturates() {
    try (PromptRunner runner = whole(Prompts.pad(1).sigmoid())) {
      runner.set(0, 0, 0, 1);
      PromptRunner.Pass pass =
          runner.pass(new float[] {0, 0.2f, 0.9f, 0.5f}, new Shape(1, 1, 2, 2), UPSTREAM);
      assertThat(pass.out()).containsExactly(new float[] {0.5f, 0.7f, 1, 1}, within(1e-7f));
      assertThat(pass.grad()).containsExactly(new float[] {0.25f, 0.5f, 0, 0}, within(1e-7f));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void output_isOfCanvasSize_andWithinTheRangeOfNormalisedPixels(PromptSpec spec) {
    try (PromptRunner runner = new PromptRunner(spec, SMALL)) {
      runner.noise(3);
      for (boolean training : new boolean[] {false, true}) {
        float[] out =
            runner.forward(
                PromptRunner.noise(2 * 3 * 20 * 5, 0, 1, 4), new Shape(2, 3, 20, 5), training);
        assertThat(out).hasSize(2 * 3 * 12 * 9);
        for (int i = 0; i < out.length; i++) {
          int channel = i / 108 % 3;
          float mean = SMALL.mean()[channel];
          float std = SMALL.std()[channel];
          assertThat(out[i]).isBetween((0 - mean) / std, (1 - mean) / std);
        }
      }
      Shape[] shapes = {new Shape(5, 3, 30, 40)};
      assertThat(runner.prompt.getOutputShapes(shapes)).containsExactly(new Shape(5, 3, 12, 9));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void images_outsideTheRegion_areUnchanged_andInsideChange(PromptSpec spec) {
    try (PromptRunner runner = new PromptRunner(spec, SMALL)) {
      runner.fill(0.25f);
      float[] images = PromptRunner.noise(3 * 7 * 6, 0.1f, 0.4f, 4);
      Shape shape = new Shape(1, 3, 7, 6);
      float[] plain = runner.plain(images, shape);
      float[] prompted = runner.evaluate(images, shape);
      boolean[] region = runner.prompt.region();
      for (int i = 0; i < plain.length; i++) {
        assertThat(plain[i] != prompted[i]).isEqualTo(region[i % region.length]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void evaluation_repeats_evenBetweenTrainingBatches(PromptSpec spec) {
    try (PromptRunner runner = new PromptRunner(spec, SMALL)) {
      runner.noise(3);
      float[] images = PromptRunner.noise(2 * 3 * 7 * 6, 0, 1, 4);
      Shape shape = new Shape(2, 3, 7, 6);
      float[] first = runner.evaluate(images, shape);
      runner.prompt.draw(new Random(5), 2);
      runner.forward(images, shape, true);
      assertThat(runner.evaluate(images, shape)).containsExactly(first);
    }
  }

  @Test
  void start_isZero_whichChangesNothing_unlessSigmoid() {
    float[] images = PromptRunner.noise(3 * 7 * 6, 0, 1, 4);
    Shape shape = new Shape(1, 3, 7, 6);
    for (PromptSpec spec : List.of(Prompts.pad(2), Prompts.random(3), Prompts.expansive())) {
      try (PromptRunner runner = new PromptRunner(spec, SMALL);
          PromptRunner grey = new PromptRunner(spec.sigmoid(), SMALL)) {
        assertThat(runner.values()).containsOnly(0f);
        assertThat(runner.evaluate(images, shape)).containsExactly(runner.plain(images, shape));
        assertThat(grey.evaluate(images, shape)).isNotEqualTo(grey.plain(images, shape));
      }
    }
  }

  @Test
  void randomStart_isNormal_andFollowsTheStream() {
    ImageInput input = ImageInput.of(3, 64, 64);
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualPrompt first = Prompts.pad(16).randomStart().create(manager, input, new Random(7));
      VisualPrompt again = Prompts.pad(16).randomStart().create(manager, input, new Random(7));
      VisualPrompt other = Prompts.pad(16).randomStart().create(manager, input, new Random(8));
      float[] values = first.delta().getArray().toFloatArray();
      assertThat(again.delta().getArray().toFloatArray()).containsExactly(values);
      assertThat(other.delta().getArray().toFloatArray()).isNotEqualTo(values);
      double mean = IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
      double square =
          IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum();
      // 9,216 draws: five standard errors
      assertThat(mean / values.length).isCloseTo(0, within(0.052));
      assertThat(square / values.length).isCloseTo(1, within(0.074));
    }
  }

  @Test
  void promptsWithoutActivePixels_haveNoParameters_andGiveThePlainInput() {
    ImageInput whole = ImageInput.of(3, 12, 9);
    float[] images = PromptRunner.noise(3 * 7 * 6, 0, 1, 4);
    Shape shape = new Shape(1, 3, 7, 6);
    for (PromptSpec spec :
        List.of(Prompts.none(), Prompts.pad(0), Prompts.expansive(), Prompts.pad(0).sigmoid())) {
      try (PromptRunner runner = new PromptRunner(spec, whole)) {
        assertThat(runner.prompt.getParameters().size()).isZero();
        assertThat(runner.prompt.parameterCount()).isZero();
        assertThat(runner.prompt.activePixels()).isZero();
        assertThat(runner.prompt.picture()).hasSize(324).containsOnly(0f);
        assertThat(runner.forward(images, shape, true))
            .containsExactly(runner.plain(images, shape));
      }
    }
  }

  @Test
  void sequentialBlock_takesAPromptBeforeANetwork() {
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualPrompt prompt = Prompts.pad(2).create(manager, SMALL, new Random(1));
      SequentialBlock block =
          new SequentialBlock()
              .add(prompt)
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(4).build());
      block.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 7, 6));
      assertThat(block.getOutputShapes(new Shape[] {new Shape(2, 3, 7, 6)}))
          .containsExactly(new Shape(2, 4));
      NDArray out =
          block
              .forward(
                  new ParameterStore(manager, false),
                  new NDList(manager.ones(new Shape(2, 3, 7, 6))),
                  true)
              .singletonOrThrow();
      assertThat(out.getShape()).isEqualTo(new Shape(2, 4));
      assertThat(block.getParameters().keys()).first().asString().endsWith("_delta");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void forward_leavesNothingButItsResultOnTheImagesManager(PromptSpec spec) {
    try (PromptRunner runner = new PromptRunner(spec, SMALL)) {
      List<NDArray> before = runner.manager.getManagedArrays();
      try (NDManager scope = runner.manager.newSubManager()) {
        NDArray images = scope.ones(new Shape(2, 3, 7, 6));
        NDArray out =
            runner
                .prompt
                .forward(new ParameterStore(scope, false), new NDList(images), true)
                .singletonOrThrow();
        runner.prompt.picture();
        // the list of a manager includes those of the managers below it
        assertThat(scope.getManagedArrays().size()).isEqualTo(2);
        assertThat(out.getManager()).isSameAs(scope);
      }
      assertThat(runner.manager.getManagedArrays().size()).isEqualTo(before.size());
    }
  }

  @Test
  void forward_doesNotCloseOrChangeTheImages() {
    try (PromptRunner runner = new PromptRunner(Prompts.pad(1).sigmoid(), ImageInput.of(1, 2, 2))) {
      NDArray images = runner.manager.ones(new Shape(1, 1, 2, 2));
      ParameterStore store = new ParameterStore(runner.manager, false);
      runner.prompt.forward(store, new NDList(images), true);
      runner.prompt.plain(new NDList(images));
      assertThat(images.toFloatArray()).containsOnly(1f);
    }
  }

  @Test
  void unsuitableImages_areRefused() {
    try (PromptRunner runner = new PromptRunner(Prompts.pad(2), SMALL)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> runner.evaluate(new float[42], new Shape(1, 1, 7, 6)))
          .withMessageContaining("images of other channels");
      Shape[] grey = {new Shape(1, 1, 7, 6)};
      assertThatIllegalArgumentException()
          .isThrownBy(() -> runner.prompt.getOutputShapes(grey))
          .withMessageContaining("pad(2)");
    }
  }

  @Test
  void options_setTwice_areRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Prompts.pad(2).sigmoid().sigmoid())
        .withMessageStartingWith("option set twice: pad(2).sigmoid().sigmoid()");
    assertThatIllegalStateException()
        .isThrownBy(() -> Prompts.random(2).patch().randomStart().patch())
        .withMessageStartingWith("option set twice: random(2).patch().randomStart().patch()");
  }
}
