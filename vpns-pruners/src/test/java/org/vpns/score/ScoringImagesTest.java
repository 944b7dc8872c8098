package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.vpns.ScoringImages;
import org.vpns.ScoringSet;
import org.vpns.testing.TinyResNet;
import org.vpns.train.ImageSets;

/** Which images scorers see. */
final class ScoringImagesTest {
  /** Labels by batch, and a pixel of every image, of one reading. */
  private record Seen(List<List<Long>> labels, List<Float> pixels) {
    static Seen of(ScoringImages images) {
      List<List<Long>> labels = new ArrayList<>();
      List<Float> pixels = new ArrayList<>();
      images.forEach(
          (inputs, classes) -> {
            long[] batch = classes.toLongArray();
            labels.add(LongStream.of(batch).boxed().toList());
            float[] input = inputs.toFloatArray();
            int size = input.length / batch.length;
            for (int i = 0; i < batch.length; i++) {
              // the middle of the second channel
              pixels.add(input[i * size + size / 2 + 16]);
            }
          });
      assertThat(labels).hasSize(images.batches());
      assertThat(pixels).hasSize(images.size());
      return new Seen(labels, pixels);
    }

    Map<Long, Long> counts() {
      return labels.stream()
          .flatMap(List::stream)
          .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
  }

  private static Seen seen(ScoringSet set) {
    try (Model model = TinyResNet.newModel()) {
      return Scoring.look(
          model,
          context -> {
            ScoringImages images = context.images(set);
            Seen first = Seen.of(images);
            assertThat(Seen.of(images)).as("second reading").isEqualTo(first);
            return first;
          });
    }
  }

  @Test
  void batches_areOfTheRecipesSize_shuffled() {
    Seen two = seen(ScoringSet.batches(2));
    assertThat(two.labels()).extracting(List::size).containsExactly(16, 16);
    Seen stored = seen(ScoringSet.batches(2).inStoredOrder());
    assertThat(stored.labels())
        .containsExactly(
            LongStream.of(TinyResNet.labels(0)).boxed().toList(),
            LongStream.of(TinyResNet.labels(1)).boxed().toList());
    assertThat(two.pixels()).isNotEqualTo(stored.pixels());
  }

  @Test
  void imagesPerClass_areAsManyOfEach_inBatchesOfTheRecipesSize() {
    Seen seven = seen(ScoringSet.perClass(7));
    assertThat(seven.counts()).containsOnlyKeys(0L, 1L, 2L, 3L, 4L).hasSize(5);
    assertThat(seven.counts().values()).containsOnly(7L);
    assertThat(seven.labels()).extracting(List::size).containsExactly(16, 16, 3);
    assertThat(seen(ScoringSet.perClass(6)).labels())
        .extracting(List::size)
        .containsExactly(16, 14);
  }

  /** 25 images at 8 are 3 batches and one image, 85 at 12 are 7 and one. */
  @Test
  void imagesPerClass_neverLeaveABatchOfOneImage() {
    assertThat(sizes(5, 8)).containsExactly(8, 8, 9);
    assertThat(sizes(17, 12)).containsExactly(12, 12, 12, 12, 12, 12, 13);
    assertThat(sizes(6, 29)).containsExactly(30);
    assertThat(sizes(6, 16)).containsExactly(16, 14);
    assertThat(sizes(4, 20)).containsExactly(20);
  }

  private static List<Integer> sizes(int perClass, int batchSize) {
    try (Model model = TinyResNet.newModel()) {
      return Scoring.look(
          model,
          batchSize,
          splits -> splits,
          context ->
              Seen.of(context.images(ScoringSet.perClass(perClass))).labels().stream()
                  .map(List::size)
                  .toList());
    }
  }

  /** The first of each class, in the order in which they are stored. */
  @Test
  void imagesPerClass_inStoredOrder_areTheFirst() {
    List<Long> expected = new ArrayList<>();
    long[] taken = new long[5];
    for (int b = 0; b < 8; b++) {
      for (long label : TinyResNet.labels(b)) {
        if (taken[(int) label]++ < 2) {
          expected.add(label);
        }
      }
    }
    Seen stored = seen(ScoringSet.perClass(2).inStoredOrder());
    assertThat(stored.labels().stream().flatMap(List::stream)).containsExactlyElementsOf(expected);
  }

  @Test
  void halvesOfClasses_areSortedByClass() {
    Seen halves = seen(ScoringSet.perClass(4).inClassHalves());
    assertThat(halves.labels())
        .containsExactly(
            List.of(0L, 0L, 0L, 0L, 1L, 1L, 1L, 1L, 2L, 2L),
            List.of(2L, 2L, 3L, 3L, 3L, 3L, 4L, 4L, 4L, 4L));
  }

  /** The fixture has 128 images in 5 classes: none has 100. */
  @Test
  void classesAndBatches_thatAreTooFew_giveAllOfTheirs() {
    assertThat(seen(ScoringSet.perClass(100)).pixels()).hasSize(128);
    assertThat(seen(ScoringSet.batches(100)).pixels()).hasSize(128);
  }

  private static void look(UnaryOperator<ImageSets> change, ScoringSet set) {
    try (Model model = TinyResNet.newModel()) {
      Scoring.look(model, change, context -> Seen.of(context.images(set)));
    }
  }

  @Test
  void class_withoutImages_isNamed() {
    try (NDManager manager = NDManager.newBaseManager()) {
      long[] labels = TinyResNet.labels(0);
      for (int i = 0; i < labels.length; i++) {
        labels[i] = labels[i] == 3 ? 4 : labels[i];
      }
      UnaryOperator<ImageSets> without =
          splits ->
              ImageSets.of(Scoring.dataset(manager, TinyResNet.images(0), labels), 5)
                  .classNames(List.of("a", "b", "c", "d", "e"));
      assertThatThrownBy(() -> look(without, ScoringSet.perClass(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "class without images: class d of the training images; expected at least 1 image to"
                  + " score with, found 0; check the labels and the number of classes, or score"
                  + " with ScoringSet.batches.");
      look(without, ScoringSet.batches(1));
    }
  }

  @Test
  void label_outOfRange_isRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      long[] labels = TinyResNet.labels(0);
      labels[2] = 5;
      UnaryOperator<ImageSets> wrong =
          splits -> ImageSets.of(Scoring.dataset(manager, TinyResNet.images(0), labels), 5);
      for (ScoringSet set : Arrays.asList(ScoringSet.perClass(16), ScoringSet.batches(1))) {
        assertThatThrownBy(() -> look(wrong, set))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("label out of range");
      }
    }
  }
}
