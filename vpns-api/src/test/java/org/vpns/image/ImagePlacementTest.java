package org.vpns.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;
import org.vpns.internal.image.ImagePlacement;

class ImagePlacementTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** Hand-worked: row 0, 1, 4, 9 to other widths; each weight of float rounding counts 1e-7. */
  @ParameterizedTest
  @CsvSource({
    "8, '0 0.25 0.75 1.75 3.25 5.25 7.75 9'",
    "6, '0 0.5 1.5 3.5 6.5 9'",
    "4, '0 1 4 9'",
    "3, '0.3 2.5 7.5'",
    "2, '1 5.7142857'"
  })
  void resize_ofOneRow_isTheWorkedVector(int width, String expected) {
    NDArray row = manager.create(new float[] {0, 1, 4, 9}, new Shape(1, 1, 1, 4));
    float[] found = ImagePlacement.resize(row, 1, width).toFloatArray();
    String[] numbers = expected.split(" ");
    assertThat(found).hasSize(numbers.length);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(Float.parseFloat(numbers[i]), within(2e-6f));
    }
  }

  @Test
  void resize_ofOneColumn_isTheRowTurned() {
    NDArray row = manager.create(new float[] {0, 1, 4, 9}, new Shape(1, 1, 1, 4));
    float[] across = ImagePlacement.resize(row, 1, 3).toFloatArray();
    float[] down = ImagePlacement.resize(row.reshape(1, 1, 4, 1), 3, 1).toFloatArray();
    assertThat(down).containsExactly(across);
  }

  @Test
  void resize_ofManyImages_isThatOfEach() {
    NDArray images = noise(3, 2, 7, 5);
    NDArray all = ImagePlacement.resize(images, 4, 9);
    assertThat(all.getShape()).isEqualTo(new Shape(3, 2, 4, 9));
    for (int n = 0; n < 3; n++) {
      NDArray one = ImagePlacement.resize(images.get(n + ":" + (n + 1)), 4, 9);
      // products with other shapes may be summed in another order
      assertThat(all.get(n).sub(one.get(0)).abs().max().getFloat()).isLessThan(1e-6f);
    }
  }

  @Test
  void resize_ofConstantImage_isConstant() {
    NDArray images = manager.ones(new Shape(1, 3, 11, 13)).mul(0.3);
    for (int side : new int[] {1, 4, 11, 17}) {
      float[] found = ImagePlacement.resize(images, side, side).toFloatArray();
      for (float value : found) {
        assertThat(value).isCloseTo(0.3f, within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5, 3, 1, 1",
    "5, 2, 2, 1",
    "4, 1, 2, 1",
    "4, 3, 1, 0",
    "224, 160, 32, 32",
    "224, 99, 63, 62"
  })
  void place_withPadding_putsTheOddPixelTopAndLeft(int canvas, int image, int before, int after) {
    ImageInput input = ImageInput.of(1, canvas, canvas).imageSize(image, image);
    NDArray placed = ImagePlacement.of(input).place(manager.ones(new Shape(1, 1, image, image)));
    assertThat(placed.getShape()).isEqualTo(new Shape(1, 1, canvas, canvas));
    float[] pixels = placed.toFloatArray();
    for (int row = 0; row < canvas; row++) {
      for (int column = 0; column < canvas; column++) {
        boolean inside =
            row >= before && row < canvas - after && column >= before && column < canvas - after;
        assertThat(pixels[row * canvas + column]).isEqualTo(inside ? 1f : 0f);
      }
    }
  }

  @Test
  void place_ofImageOfCanvasSize_givesItself() {
    NDArray images = noise(2, 3, 6, 4);
    ImagePlacement placement = ImagePlacement.of(ImageInput.of(3, 6, 4));
    assertThat(placement.place(images)).isSameAs(images);
    assertThat(placement.apply(images)).isSameAs(images);
  }

  @Test
  void place_onNonSquareCanvas_keepsRowsAndColumnsApart() {
    ImageInput input = ImageInput.of(2, 12, 9).imageSize(7, 6);
    NDArray images = noise(2, 2, 7, 6);
    NDArray placed = ImagePlacement.of(input).place(images);
    assertThat(placed.getShape()).isEqualTo(new Shape(2, 2, 12, 9));
    assertThat(placed.get(":,:,3:10,2:8").toFloatArray()).containsExactly(images.toFloatArray());
    assertThat(placed.sum().getFloat()).isCloseTo(images.sum().getFloat(), within(1e-4f));
  }

  @Test
  void normalise_subtractsMeanAndDividesPerChannel() {
    ImageInput input =
        ImageInput.of(2, 1, 2).normalisation(new float[] {0.5f, 0.25f}, new float[] {0.5f, 0.25f});
    NDArray images = manager.create(new float[] {0, 1, 0.25f, 1}, new Shape(1, 2, 1, 2));
    assertThat(ImagePlacement.of(input).normalise(images).toFloatArray())
        .containsExactly(-1, 1, 0, 3);
  }

  @Test
  void apply_isDifferentiable_andItsGradientSumsToTheWeights() {
    ImageInput input =
        ImageInput.of(1, 9, 8).imageSize(5, 4).normalisation(new float[] {0}, new float[] {0.5f});
    NDArray images = noise(1, 1, 10, 3);
    images.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(ImagePlacement.of(input).apply(images).sum());
    }
    // 20 pixels of weights that sum to 1, divided by 0.5
    assertThat(images.getGradient().sum().getFloat()).isCloseTo(40f, within(1e-4f));
  }

  @Test
  void apply_leavesNothingButItsResultOnTheManager() {
    ImagePlacement placement = ImagePlacement.of(ImageInput.imageNet().imageSize(20, 20));
    try (NDManager scope = manager.newSubManager()) {
      NDArray images = noise(1, 3, 30, 10);
      images.attach(scope);
      NDArray result = placement.apply(images);
      assertThat(scope.getManagedArrays()).containsExactlyInAnyOrder(images, result);
    }
  }

  @Test
  void place_ofUnsuitableImages_saysWhatItExpects() {
    ImagePlacement placement = ImagePlacement.of(ImageInput.of(3, 8, 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> placement.place(noise(1, 1, 8, 8)))
        .withMessageContaining("images of other channels")
        .withMessageContaining("(1, 1, 8, 8)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> placement.place(manager.ones(new Shape(3, 8, 8))))
        .withMessageContaining("not a batch of images");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> placement.place(manager.ones(new Shape(1, 3, 8, 8), DataType.UINT8)))
        .withMessageContaining("expected float32, found uint8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImagePlacement.resize(noise(1, 3, 8, 8), 0, 4))
        .withMessageContaining("0 x 4");
  }

  private NDArray noise(int... shape) {
    Shape size = new Shape(java.util.Arrays.stream(shape).asLongStream().toArray());
    Random random = new Random(5);
    float[] values = new float[(int) size.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return manager.create(values, size);
  }
}
