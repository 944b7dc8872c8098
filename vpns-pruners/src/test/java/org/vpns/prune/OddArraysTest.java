package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.image.Augmentation;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Arrays that are other than images and labels, and answers that are no numbers. */
final class OddArraysTest {
  private static final int IMAGES = 20;

  private static NDArray images(NDManager manager) {
    float[] pixels = new float[IMAGES * 3 * 24 * 24];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 37 % 101 / 101f;
    }
    return manager.create(pixels, new Shape(IMAGES, 3, 24, 24));
  }

  private static NDArray labels(NDManager manager) {
    return manager.arange(0, IMAGES, 1, DataType.INT64).mod(5);
  }

  private static ArrayDataset dataset(NDArray[] images, NDArray... labels) {
    return new ArrayDataset.Builder()
        .setData(images)
        .optLabels(labels)
        .setSampling(16, false)
        .build();
  }

  private static ArrayDataset dataset(NDArray images) {
    return dataset(new NDArray[] {images}, labels(images.getManager()));
  }

  private static Recipe.Builder recipe() {
    return Recipe.of(Pruners.magnitude().length(Length.iterations(1)), Sparsity.of("0.5"))
        .input(FixtureRuns.input())
        .batchSize(16);
  }

  private static void fit(Recipe recipe, ImageSets images, RunListener listener) {
    try (Model model = FixtureRuns.block()) {
      Trainer.of(recipe).listener(listener).fit(model, images).close();
    }
  }

  private static void assertRefused(Recipe recipe, ImageSets images, String message) {
    try (Model model = FixtureRuns.block()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      assertThatThrownBy(() -> Trainer.of(recipe).fit(model, images))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(message)
          .satisfies(Untouched::assertForm);
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  /** What is said is done, and images are what they were. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT64, convert them with",
    "FLOAT16, convert them with",
    "UINT8, convert bytes with"
  })
  void images_ofAnotherType_areNamed_withARemedyThatKeepsTheirRange(DataType type, String remedy) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset sound = dataset(images(manager));
      boolean bytes = type == DataType.UINT8;
      NDArray odd = images(manager).mul(bytes ? 255 : 1).toType(type, true);
      assertRefused(
          recipe().build(),
          ImageSets.of(sound, 5).test(dataset(odd)),
          "images of another type: test images; expected float32, found "
              + type.name().toLowerCase(Locale.ROOT)
              + "; "
              + remedy
              + " toType(DataType.FLOAT32, false)");
      NDArray converted = odd.toType(DataType.FLOAT32, false);
      NDArray mended = bytes ? converted.div(255) : converted;
      List<String> told = new ArrayList<>();
      fit(recipe().build(), ImageSets.of(sound, 5).test(dataset(mended)), warnings(told));
      assertThat(told).noneMatch(w -> w.contains("[0, 1]"));
      assertThat(mended.max().getFloat()).isGreaterThan(0.9f);
    }
  }

  @Test
  void images_ofOtherChannels_areNamed() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertRefused(
          recipe().build(),
          ImageSets.of(dataset(images(manager)), 5)
              .validation(dataset(images(manager).get(":, :1"))),
          "images of other channels: validation images; expected 3 channels on axis 1, found");
    }
  }

  @Test
  void arrays_besideImageOrLabel_areRefused_notLeftOut() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray[] one = {images(manager)};
      NDArray[] two = {images(manager), images(manager)};
      NDArray labels = labels(manager);
      assertRefused(
          recipe().build(),
          ImageSets.of(dataset(two, labels), 5),
          "more than one array for an image: training images; expected one, found 2; leave");
      assertRefused(
          recipe().build(),
          ImageSets.of(dataset(one, labels), 5).test(dataset(one, labels, labels)),
          "more than one array for a label: test images; expected one, found 2; leave");
    }
  }

  /** Records, not arrays: DJL stacks them when it makes a batch. */
  private static final class Uneven extends RandomAccessDataset {
    private Uneven(Builder builder) {
      super(builder);
    }

    private static final class Builder extends BaseBuilder<Builder> {
      @Override
      protected Builder self() {
        return this;
      }
    }

    @Override
    public Record get(NDManager manager, long index) {
      int height = index == 3 ? 20 : 24;
      return new Record(
          new NDList(manager.zeros(new Shape(3, height, 24))),
          new NDList(manager.create(index % 5)));
    }

    @Override
    protected long availableSize() {
      return IMAGES;
    }

    @Override
    public void prepare(Progress progress) {}
  }

  @Test
  void images_ofDifferentSizes_areToldByTheirSet() {
    assertRefused(
        recipe().build(),
        ImageSets.of(new Uneven(new Uneven.Builder().setSampling(16, false)), 5),
        "images of different sizes in a batch: training images, a Uneven; expected images of one"
            + " size, and labels of one shape, found You cannot batch data with different input"
            + " shapes");
  }

  private record Own(UnaryOperator<NDArray> change) implements Augmentation {
    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      return change.apply(images);
    }

    @Override
    public String describe() {
      return "own";
    }
  }

  private static RunListener warnings(List<String> told) {
    return new RunListener() {
      @Override
      public void warned(String message) {
        told.add(message);
      }
    };
  }

  @Test
  void images_thatAnAugmentationMakesNoImages_areRefused_orToldOf() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = ImageSets.of(dataset(images(manager)), 5);
      assertRefused(
          recipe().augmentation(new Own(x -> x.mul(255))).build(),
          images,
          "image values out of range: augmented training images, image");
      assertRefused(
          recipe().augmentation(new Own(x -> x.mul(Float.NaN))).build(),
          images,
          "image is not finite: augmented training images, image");
      assertRefused(
          recipe().augmentation(new Own(x -> x.toType(DataType.FLOAT64, true))).build(),
          images,
          "images of another type: augmented training images;");
      List<String> told = new ArrayList<>();
      fit(recipe().augmentation(new Own(x -> x.sub(2))).build(), images, warnings(told));
      assertThat(told)
          .singleElement()
          .asString()
          .startsWith("augmented training images lie outside [0, 1], in the first such batch");
    }
  }

  /** Statistics are sound, and all numbers are finite: what they come to is not. */
  private static void makeNumberless(Model model) {
    NDArray scale = ParameterPaths.of(model.getBlock()).find("bn1.weight").parameter().getArray();
    float[] large = new float[(int) scale.size()];
    Arrays.fill(large, 1e38f);
    scale.set(large);
  }

  @Test
  void answers_thatAreNoNumbers_makeNoLabelMapping() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      makeNumberless(model);
      ImageSets images = ImageSets.of(dataset(images(manager)), 5);
      Trainer trainer = Trainer.of(recipe().mapping(Mappings.frequency()).build());
      assertThatThrownBy(() -> trainer.findMapping(model, images))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("answer is not a number: training images, image 0;")
          .satisfies(Untouched::assertForm);
    }
  }

  @Test
  void answers_thatAreNoNumbers_countAsWrong_andAreToldOf() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      makeNumberless(model);
      ImageSets images = ImageSets.of(dataset(images(manager)), 5);
      List<String> told = new ArrayList<>();
      Trainer trainer = Trainer.of(recipe().build()).listener(warnings(told));
      assertThatThrownBy(() -> trainer.fit(model, images.test(dataset(images(manager)))))
          .hasMessageStartingWith("loss is not finite");
      assertThat(told)
          .filteredOn(w -> w.startsWith("answers"))
          .containsExactly(
              "answers to test images are not numbers, in the first such batch 16 of 16: they"
                  + " count as wrong; look for weights that are far too large");
    }
  }

  @Test
  void images_thatAreSound_areNotToldOf() {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe().augmentation(new Own(x -> x.flip(3))).build())
                .fit(model, ImageSets.of(dataset(images(manager)), 5))) {
      assertThat(pruned.report().warnings()).isEmpty();
    }
  }
}
