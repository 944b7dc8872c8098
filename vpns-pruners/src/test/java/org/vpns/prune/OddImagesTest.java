package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.predict.PrunedModel;
import org.vpns.score.Scorers;
import org.vpns.testing.Outcome;
import org.vpns.train.FixedMask;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/** Images, labels and masks that are other than what a recipe declares. */
final class OddImagesTest {
  private static final int SIZE = 3 * 24 * 24;
  private static final Sparsity HALF = Sparsity.of("0.5");

  /** The fixture's images, with one value of one image replaced, and its labels with one. */
  private static ArrayDataset dataset(
      NDManager manager, int images, int odd, float value, float label) {
    float[] pixels = new float[images * SIZE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 37 % 101 / 101f;
    }
    pixels[odd * SIZE + 100] = value;
    float[] labels = new float[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % 5;
    }
    labels[odd] = label;
    return new ArrayDataset.Builder()
        .setData(manager.create(pixels, new Shape(images, 3, 24, 24)))
        .optLabels(manager.create(labels))
        .setSampling(16, false)
        .build();
  }

  private static ArrayDataset sound(NDManager manager) {
    return dataset(manager, 20, 0, 0, 0);
  }

  private static Recipe.Builder recipe() {
    return Recipe.of(Pruners.magnitude().length(Length.epochs(1)), HALF).batchSize(16);
  }

  private static Recipe described() {
    return recipe().input(FixtureRuns.input()).build();
  }

  private static ImageSets with(NDManager manager, String set, ArrayDataset odd) {
    ImageSets images = ImageSets.of(set.equals("training") ? odd : sound(manager), 5);
    return switch (set) {
      case "test" -> images.test(odd);
      case "validation" -> images.validation(odd);
      default -> images;
    };
  }

  private static final class Told implements RunListener {
    private final List<String> warnings = new ArrayList<>();

    @Override
    public void warned(String message) {
      warnings.add(message);
    }
  }

  @Test
  void batch_ofMoreImagesThanThereAre_isAllOfThem() {
    Recipe recipe =
        Recipe.of(Pruners.magnitude().length(Length.epochs(1)), HALF)
            .input(FixtureRuns.input())
            .batchSize(Integer.MAX_VALUE)
            .build();
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(recipe).fit(model, ImageSets.of(sound(manager), 5))) {
      assertThat(pruned.report().gradientSteps()).isOne();
      assertThat(pruned.report().images()).isEqualTo(20);
    }
  }

  /** One data set in both places, and two of the same images. */
  @Test
  void images_thatAreTrainedOnAndTested_areToldOf() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset train = sound(manager);
      String said = " images are the training images: accuracy on them says nothing of others";
      assertThat(warnings(ImageSets.of(train, 5).test(train))).containsExactly("test" + said);
      assertThat(warnings(ImageSets.of(train, 5).validation(sound(manager))))
          .containsExactly("validation" + said);
      ArrayDataset other = dataset(manager, 20, 0, 0.5f, 1);
      assertThat(warnings(ImageSets.of(train, 5).validation(other).test(other))).isEmpty();
    }
  }

  private static List<String> warnings(ImageSets images) {
    Told told = new Told();
    try (Model model = FixtureRuns.block();
        PrunedModel pruned = Trainer.of(described()).listener(told).fit(model, images)) {
      assertThat(pruned.report().warnings()).isEqualTo(told.warnings);
    }
    return told.warnings;
  }

  @ParameterizedTest
  @CsvSource({
    "training, 17, NaN, image is not finite",
    "validation, 3, Infinity, image is not finite",
    "test, 19, -Infinity, image is not finite",
    "training, 2, 255, image values out of range",
    "test, 7, -40.5, image values out of range"
  })
  void image_thatIsNoImage_isRefusedWithItsPlace(String set, int odd, float value, String what) {
    requireRefused(set, odd, value, 1, what, "values in [0, 1], found " + value);
  }

  @ParameterizedTest
  @CsvSource({
    "training, 17, 5, label out of range",
    "validation, 3, -1, label out of range",
    "test, 19, 2.5, label is no class number",
    "training, 1, NaN, label is no class number"
  })
  void label_thatIsNoClass_isRefusedWithItsPlace(String set, int odd, float label, String what) {
    requireRefused(set, odd, 0.5f, label, what, "");
  }

  private static void requireRefused(
      String set, int odd, float value, float label, String what, String expected) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      ImageSets images = with(manager, set, dataset(manager, 20, odd, value, label));
      assertThatThrownBy(() -> Trainer.of(described()).fit(model, images))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              what + ": " + set + " images, image " + odd + "; expected " + expected)
          .satisfies(Untouched::assertForm);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  /** What is normalised already may be meant, and is told once for each set. */
  @Test
  void images_somewhatOutside_areToldOnceForEachSet() {
    Told told = new Told();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets images =
          ImageSets.of(dataset(manager, 40, 30, -2.25f, 1), 5)
              .test(dataset(manager, 40, 3, 1.5f, 1));
      try (PrunedModel pruned = Trainer.of(described()).listener(told).fit(model, images)) {
        assertThat(pruned.report().warnings())
            .isEqualTo(told.warnings)
            .filteredOn(w -> w.contains("outside [0, 1]"))
            .satisfiesExactlyInAnyOrder(
                w -> assertThat(w).startsWith("training images lie outside").contains("-2.25"),
                w -> assertThat(w).startsWith("test images lie outside").contains("1.50"));
      }
    }
  }

  @Test
  void images_withoutAnInput_areToldOnce_withBothSizes() {
    Told told = new Told();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe =
          Recipe.of(Pruners.magnitude().length(Length.iterations(1)), HALF).batchSize(4).build();
      Trainer.of(recipe).listener(told).fit(model, ImageSets.of(sound(manager), 5)).close();
      assertThat(told.warnings)
          .filteredOn(w -> w.startsWith("the recipe has no input"))
          .containsExactly(
              "the recipe has no input, so images of 24 x 24 are resized to 224 x 224: if the"
                  + " network is made for images of their size, say"
                  + " .input(ImageInput.of(3, 24, 24))");
      Told silent = new Told();
      Recipe said = recipe.toBuilder().input(ImageInput.of(3, 32, 32)).build();
      Trainer.of(said).listener(silent).fit(model, ImageSets.of(sound(manager), 5)).close();
      assertThat(silent.warnings).noneMatch(w -> w.contains("no input"));
    }
  }

  /** A rule that keeps as many weights as it is made with, whatever the recipe says. */
  private record Own(String sparsity) implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      return Allocations.global()
          .allocate(Scorers.magnitude().score(context), Sparsity.of(sparsity));
    }

    @Override
    public String describe() {
      return "own " + sparsity;
    }
  }

  private static Recipe under(MaskRule rule) {
    return Recipe.of(
            "r",
            HALF,
            Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(1)).mask(rule).build())
        .input(FixtureRuns.input())
        .batchSize(16)
        .build();
  }

  @Test
  void mask_ofMoreWeightsThanTheRecipeLeaves_failsTheRun_ofFewer_isTold() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = ImageSets.of(sound(manager), 5);
      Map<String, List<Integer>> before = Outcome.parameters(model);
      for (MaskRule rule :
          List.of(
              new Own("0.4"),
              MaskRule.shuffled(new Own("0.4")),
              MaskRule.once(Scorers.magnitude(), Allocations.global(), Sparsity.of("0.4")))) {
        assertThatThrownBy(() -> Trainer.of(under(rule)).fit(model, images))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("mask of another sparsity: stage 'tune' of recipe r")
            .hasMessageContaining("at most 2636 of 5272 weights kept at sparsity 0.5, found 3164")
            .satisfies(Untouched::assertForm);
        assertThat(Outcome.parameters(model)).isEqualTo(before);
      }
      Told told = new Told();
      Trainer.of(under(new Own("0.6"))).listener(told).fit(model, images).close();
      assertThat(told.warnings)
          .anyMatch(w -> w.endsWith("fewer weights than the recipe's sparsity 0.5 leaves, 2636"));
      Told silent = new Told();
      try (Model other = FixtureRuns.block()) {
        Trainer.of(under(new Own("0.5"))).listener(silent).fit(other, images).close();
      }
      assertThat(silent.warnings).noneMatch(w -> w.contains("fewer weights"));
    }
  }
}
