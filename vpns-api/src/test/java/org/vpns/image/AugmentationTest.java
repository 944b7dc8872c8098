package org.vpns.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;

class AugmentationTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void none_givesTheImagesThemselves() {
    NDArray images = ramp(2, 3, 4, 4);
    assertThat(Augmentation.none().apply(images, new Random(1))).isSameAs(images);
  }

  @Test
  void flip_mirrorsAboutHalfOfTheImages_andLeavesTheRest() {
    NDArray images = ramp(400, 1, 2, 3);
    NDArray mirrored = images.flip(3);
    NDArray found = Augmentation.flip().apply(images, new Random(1));
    int flips = 0;
    for (int n = 0; n < 400; n++) {
      boolean flipped = found.get(n).contentEquals(mirrored.get(n));
      assertThat(flipped || found.get(n).contentEquals(images.get(n))).isTrue();
      flips += flipped ? 1 : 0;
    }
    assertThat(flips).isBetween(150, 250); // five standard deviations around 200
  }

  @Test
  void cropAndFlip_ofLargeImages_cutsEveryPlaceSomewhere() {
    // 9 x 9 images and 8 x 8 pieces: the resize has nothing to do, 4 places, 2 orientations
    NDArray one = ramp(1, 2, 9, 9);
    NDArray images = one.repeat(0, 100);
    NDArray found = Augmentation.cropAndFlip(8, 8).apply(images, new Random(1));
    assertThat(found.getShape()).isEqualTo(new Shape(100, 2, 8, 8));
    Set<Float> corners = new HashSet<>();
    for (int n = 0; n < 100; n++) {
      corners.add(found.getFloat(n, 0, 0, 0));
    }
    assertThat(corners).containsExactlyInAnyOrder(0f, 1f, 9f, 10f, 7f, 8f, 16f, 17f);
  }

  @Test
  void cropAndFlip_ofAnInput_givesItsImageSize() {
    ImageInput input = ImageInput.of(3, 32, 32).imageSize(16, 24);
    Augmentation augmentation = Augmentation.cropAndFlip(input);
    assertThat(augmentation.apply(ramp(2, 3, 10, 50), new Random(1)).getShape())
        .isEqualTo(new Shape(2, 3, 16, 24));
    assertThat(augmentation.describe()).isEqualTo("cropAndFlip(16, 24)");
  }

  @Test
  void shift_movesZerosIn() {
    NDArray images = manager.ones(new Shape(200, 1, 3, 3));
    NDArray found = Augmentation.shift(1).apply(images, new Random(1));
    Set<Float> sums = new HashSet<>();
    for (int n = 0; n < 200; n++) {
      sums.add(found.get(n).sum().getFloat());
    }
    assertThat(sums).containsExactlyInAnyOrder(9f, 6f, 4f);
  }

  @Test
  void apply_ofEqualStreams_givesEqualImages() {
    NDArray images = ramp(8, 3, 12, 12);
    Augmentation augmentation = Augmentation.shift(2).andThen(Augmentation.cropAndFlip(10, 10));
    assertThat(augmentation.describe()).isEqualTo("shift(2) + cropAndFlip(10, 10)");
    NDArray first = augmentation.apply(images, new Random(3));
    assertThat(augmentation.apply(images, new Random(3)).contentEquals(first)).isTrue();
    assertThat(augmentation.apply(images, new Random(4)).contentEquals(first)).isFalse();
  }

  @Test
  void apply_leavesNothingButItsResultOnTheManager() {
    try (NDManager scope = manager.newSubManager()) {
      NDArray images = ramp(2, 3, 12, 12);
      images.attach(scope);
      NDArray found =
          Augmentation.shift(2)
              .andThen(Augmentation.cropAndFlip(8, 8))
              .apply(images, new Random(3));
      assertThat(scope.getManagedArrays()).containsExactlyInAnyOrder(images, found);
    }
  }

  @Test
  void apply_ofSingleImage_saysThatABatchIsExpected() {
    NDArray image = manager.ones(new Shape(3, 8, 8));
    for (Augmentation augmentation :
        new Augmentation[] {
          Augmentation.flip(), Augmentation.shift(1), Augmentation.cropAndFlip(8, 8)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> augmentation.apply(image, new Random(1)))
          .withMessageContaining("not a batch of images");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Augmentation.shift(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Augmentation.cropAndFlip(0, 8));
  }

  private NDArray ramp(long... shape) {
    Shape size = new Shape(shape);
    return manager.arange((float) size.size()).reshape(size);
  }
}
