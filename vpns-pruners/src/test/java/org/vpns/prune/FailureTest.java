package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.ParameterFilter;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.mapping.Mappings;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Runs that cannot go on: one message that helps, and the model as if nothing had happened. */
final class FailureTest {
  private static final int CLASSES = TinyResNet.TARGET_CLASSES;

  @TempDir Path folder;

  /** One way to fail; {@code what} is how the message begins. */
  private record Case(
      String name,
      boolean script,
      Function<Recipe.Builder, Recipe.Builder> recipe,
      Function<NDManager, ImageSets> splits,
      String what) {
    @Override
    public String toString() {
      return name + (script ? ", TorchScript" : "");
    }
  }

  private static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (boolean script : new boolean[] {false, true}) {
      add(cases, script, "image not a number", b -> b, FailureTest::spoilt, "image is not finite");
      add(cases, script, "label too large", b -> b, m -> labels(m, CLASSES), "label out of range");
      add(cases, script, "label negative", b -> b, m -> labels(m, -1), "label out of range");
      add(
          cases,
          script,
          "one channel",
          b -> b,
          m -> images(m, new Shape(20, 1, SmallRuns.SIDE, SmallRuns.SIDE), DataType.FLOAT32),
          "images of other channels");
      add(
          cases,
          script,
          "flat images",
          b -> b,
          m -> images(m, new Shape(20, 576), DataType.FLOAT32),
          "not a batch of images");
      add(
          cases,
          script,
          "bytes",
          b -> b,
          m -> images(m, new Shape(20, 3, SmallRuns.SIDE, SmallRuns.SIDE), DataType.UINT8),
          "images of another type");
      add(
          cases,
          script,
          "test images of one channel",
          b -> b,
          m ->
              SmallRuns.splits(m)
                  .test(
                      images(m, new Shape(20, 1, SmallRuns.SIDE, SmallRuns.SIDE), DataType.FLOAT32)
                          .train()),
          "images of other channels");
      add(
          cases,
          script,
          "validation label too large",
          b -> b,
          m -> SmallRuns.splits(m).validation(labels(m, CLASSES).train()),
          "label out of range");
      add(
          cases,
          script,
          "more classes than outputs",
          b -> b.mapping(LabelMapping.identity()),
          m -> ImageSets.of(SmallRuns.dataset(m, 0, 20), 21),
          "too few outputs for the label mapping");
      add(
          cases,
          script,
          "more classes than outputs, by frequency",
          b -> b.mapping(Mappings.frequency()),
          m -> ImageSets.of(SmallRuns.dataset(m, 0, 20), 21),
          "too few outputs for the label mapping");
      add(
          cases,
          script,
          "head of another size",
          b -> b.mapping(Mappings.newHead()),
          SmallRuns::splits,
          "head does not fit the classes");
      add(
          cases,
          script,
          "nothing prunable",
          b -> b.prunable(ParameterFilter.matching("nothing")),
          SmallRuns::splits,
          "no prunable parameter");
      add(
          cases,
          script,
          "nothing left to train on",
          b -> b,
          m -> ImageSets.of(SmallRuns.dataset(m, 0, 1), CLASSES).validation(0.5),
          "no images left to train on");
      add(
          cases,
          script,
          "input of one channel",
          b -> b.input(ImageInput.of(1, 16, 16)),
          m -> images(m, new Shape(20, 1, SmallRuns.SIDE, SmallRuns.SIDE), DataType.FLOAT32),
          "input does not fit the network");
    }
    return cases.stream();
  }

  private static void add(
      List<Case> cases,
      boolean script,
      String name,
      Function<Recipe.Builder, Recipe.Builder> recipe,
      Function<NDManager, ImageSets> splits,
      String what) {
    cases.add(new Case(name, script, recipe, splits, what));
  }

  /** Image 37 of 40, in the last batch of the epoch: the model has moved by then. */
  private static ImageSets spoilt(NDManager manager) {
    float[] images =
        SmallRuns.dataset(manager, 0, SmallRuns.IMAGES)
            .get(manager, 0)
            .getData()
            .head()
            .toFloatArray();
    float[] all = new float[SmallRuns.IMAGES * images.length];
    for (int i = 0; i < SmallRuns.IMAGES; i++) {
      System.arraycopy(images, 0, all, i * images.length, images.length);
    }
    all[37 * images.length] = Float.NaN;
    NDArray data =
        manager.create(all, new Shape(SmallRuns.IMAGES, 3, SmallRuns.SIDE, SmallRuns.SIDE));
    return ImageSets.of(SmallRuns.dataset(data, new long[SmallRuns.IMAGES]), CLASSES);
  }

  private static ImageSets labels(NDManager manager, long bad) {
    long[] labels = new long[SmallRuns.IMAGES];
    labels[30] = bad;
    NDArray data = manager.zeros(new Shape(SmallRuns.IMAGES, 3, SmallRuns.SIDE, SmallRuns.SIDE));
    return ImageSets.of(SmallRuns.dataset(data, labels), CLASSES);
  }

  private static ImageSets images(NDManager manager, Shape shape, DataType type) {
    ArrayDataset dataset =
        SmallRuns.dataset(manager.zeros(shape, type), new long[(int) shape.get(0)]);
    return ImageSets.of(dataset, CLASSES);
  }

  private static Recipe.Builder plain() {
    return Recipe.of(
            Pruners.magnitude().weights(SmallRuns.SGD, SmallRuns.TUNING).length(Length.epochs(2)),
            Sparsity.of("0.5"))
        .batchSize(SmallRuns.BATCH);
  }

  private Model model(boolean script) throws Exception {
    Model model = script ? FixtureRuns.script(folder) : FixtureRuns.block();
    // A user may have used it before, and may have frozen a part of it.
    Outcome.logits(model);
    return model;
  }

  private static Throwable fail(Model model, Trainer trainer, ImageSets splits) {
    Untouched before = Untouched.of(model);
    Throwable failure = catchThrowable(() -> trainer.fit(model, splits));
    assertThat(failure).isNotNull();
    before.assertStill(model);
    return failure;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fit_thatFails_saysOneThing_andLeavesTheModel(Case c) throws Exception {
    try (Model model = model(c.script());
        NDManager manager = NDManager.newBaseManager()) {
      Recipe.Builder builder = c.recipe().apply(plain());
      Recipe recipe;
      try {
        recipe = builder.input(SmallRuns.input()).build();
      } catch (IllegalStateException e) {
        recipe = builder.build(); // the case has an input of its own
      }
      Throwable failure = fail(model, Trainer.of(recipe), c.splits().apply(manager));
      assertThat(failure)
          .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
          .hasMessageStartingWith(c.what() + ": ");
      Untouched.assertForm(failure);
    }
  }

  @Test
  void fit_withHugeLearningRate_stopsAtTheFirstLossThatIsNoNumber() throws Exception {
    for (boolean script : new boolean[] {false, true}) {
      try (Model model = model(script);
          NDManager manager = NDManager.newBaseManager()) {
        Recipe recipe =
            Recipe.of(
                    Pruners.magnitude().weights(UpdateRule.sgd(), LearningRate.constant(1e30)),
                    Sparsity.of("0.5"))
                .input(SmallRuns.input())
                .batchSize(SmallRuns.BATCH)
                .build();
        Throwable failure = fail(model, Trainer.of(recipe), SmallRuns.splits(manager));
        assertThat(failure)
            .hasMessageMatching(
                "loss is not finite: stage 'tune', iteration [1-3];"
                    + " expected a number, found (NaN|Infinity);.*");
      }
    }
  }

  @Test
  void fit_withPromptTooLarge_orFloorTooHigh_saysSo() throws Exception {
    try (Model model = model(false);
        NDManager manager = NDManager.newBaseManager()) {
      Recipe large =
          Recipe.of(Pruners.vpns(), Sparsity.of("0.5"))
              .prompt(Prompts.pad(17))
              .input(SmallRuns.input())
              .build();
      Throwable failure = fail(model, Trainer.of(large), SmallRuns.splits(manager));
      assertThat(failure).hasMessageStartingWith("frame does not fit the canvas: Prompts.pad");
      Untouched.assertForm(failure);
      Recipe floor =
          Recipe.of(
                  Pruners.hydra().allocation(Allocations.globalWithFloor(200)), Sparsity.of("0.9"))
              .input(SmallRuns.input())
              .build();
      failure = fail(model, Trainer.of(floor), SmallRuns.splits(manager));
      assertThat(failure).hasMessageStartingWith("budget impossible: global(floor 200)");
      Untouched.assertForm(failure);
    }
  }

  @Test
  void fit_inAnOrderOfAnotherLength_saysSo() throws Exception {
    try (Model model = model(false);
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe =
          Recipe.of(
                  "short order",
                  Sparsity.of("0.5"),
                  Stage.builder("tune")
                      .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
                      .pass(Pass.plain().order((epoch, size, seeds, stream) -> new long[3]))
                      .length(Length.epochs(1))
                      .build())
              .input(SmallRuns.input())
              .build();
      Throwable failure = fail(model, Trainer.of(recipe), SmallRuns.splits(manager));
      assertThat(failure).hasMessageStartingWith("order of images does not fit: stage 'tune'");
      Untouched.assertForm(failure);
    }
  }

  @Test
  void fit_ofModelWithoutWeights_saysSo() {
    try (Model model = Model.newInstance("empty");
        NDManager manager = NDManager.newBaseManager()) {
      Trainer trainer = Trainer.of(plain().build());
      ImageSets splits = SmallRuns.splits(manager);
      Throwable failure = catchThrowable(() -> trainer.fit(model, splits));
      assertThat(failure).hasMessageStartingWith("network without weights: model 'empty'");
      Untouched.assertForm(failure);
      model.setBlock(new TinyResNet());
      failure = catchThrowable(() -> trainer.fit(model, splits));
      assertThat(failure).hasMessageStartingWith("network without weights: model 'empty'");
      Untouched.assertForm(failure);
    }
  }

  /** What a listener throws comes out as it is, even if it throws again when told of it. */
  @Test
  void fit_whoseListenerThrows_endsWithThatException() throws Exception {
    for (boolean script : new boolean[] {false, true}) {
      try (Model model = model(script);
          NDManager manager = NDManager.newBaseManager()) {
        IllegalArgumentException first = new IllegalArgumentException("first");
        RunListener listener =
            new RunListener() {
              @Override
              public void stepFinished(Step step) {
                if (step.done() == 2) {
                  throw first;
                }
              }

              @Override
              public void runFailed(Throwable cause) {
                throw new IllegalStateException("second");
              }
            };
        Recipe recipe = plain().input(SmallRuns.input()).build();
        Throwable failure =
            fail(model, Trainer.of(recipe).listener(listener), SmallRuns.splits(manager));
        assertThat(failure).isSameAs(first);
        assertThat(failure.getSuppressed()).hasSize(1);
      }
    }
  }

  /** Frozen parameters stay frozen through failure and through success. */
  @Test
  void fit_ofPartlyFrozenNetwork_givesGradientFlagsBack() throws Exception {
    try (Model model = model(false);
        NDManager manager = NDManager.newBaseManager()) {
      model.getBlock().getChildren().get("01conv1").freezeParameters(true);
      Untouched before = Untouched.of(model);
      assertThat(before.gradients().get("conv1.weight")).isFalse();
      Recipe recipe = plain().input(SmallRuns.input()).build();
      fail(model, Trainer.of(recipe).listener(new Cut(4)), SmallRuns.splits(manager));
      Trainer.of(recipe).fit(model, SmallRuns.splits(manager)).close();
      assertThat(Untouched.of(model).gradients()).isEqualTo(before.gradients());
    }
  }
}
