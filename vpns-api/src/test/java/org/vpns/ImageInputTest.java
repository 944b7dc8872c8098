package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageInputTest {
  /** Canvas, image, pixels before and after; the odd one goes before. */
  @ParameterizedTest
  @CsvSource({
    "5, 3, 1, 1",
    "5, 2, 2, 1",
    "4, 1, 2, 1",
    "4, 3, 1, 0",
    "224, 160, 32, 32",
    "224, 99, 63, 62",
    "9, 9, 0, 0"
  })
  void offsets_ofKnownSizes_putTheOddPixelFirst(int canvas, int image, int before, int after) {
    ImageInput rows = ImageInput.of(3, canvas, 300).imageSize(image, 7);
    assertThat(rows.top()).isEqualTo(before);
    assertThat(rows.height() - rows.top() - rows.imageHeight()).isEqualTo(after);
    ImageInput columns = ImageInput.of(3, 300, canvas).imageSize(7, image);
    assertThat(columns.left()).isEqualTo(before);
    assertThat(columns.width() - columns.left() - columns.imageWidth()).isEqualTo(after);
  }

  @Test
  void defaults_areTheWholeCanvasWithoutNormalisation() {
    ImageInput input = ImageInput.of(2, 12, 9);
    assertThat(input.channels()).isEqualTo(2);
    assertThat(input.imageHeight()).isEqualTo(12);
    assertThat(input.imageWidth()).isEqualTo(9);
    assertThat(input.top()).isZero();
    assertThat(input.mean()).containsExactly(0, 0);
    assertThat(input.std()).containsExactly(1, 1);
  }

  @Test
  void imageNet_hasItsSizeAndNormalisation() {
    ImageInput input = ImageInput.imageNet();
    assertThat(input.height()).isEqualTo(224);
    assertThat(input.mean()).containsExactly(0.485f, 0.456f, 0.406f);
    assertThat(input.std()).containsExactly(0.229f, 0.224f, 0.225f);
    assertThat(input)
        .hasToString(
            "3 x 224 x 224, image 224 x 224, mean [0.485, 0.456, 0.406],"
                + " std [0.229, 0.224, 0.225]");
  }

  @Test
  void options_combineInAnyOrderAndLeaveTheOriginalAlone() {
    ImageInput canvas = ImageInput.of(3, 32, 32);
    ImageInput a = canvas.imageSize(24, 20).imageNetNormalisation();
    ImageInput b = canvas.imageNetNormalisation().imageSize(24, 20);
    assertThat(a).isEqualTo(b).hasSameHashCodeAs(b).isNotEqualTo(canvas);
    assertThat(canvas.imageHeight()).isEqualTo(32);
    assertThat(a).isNotEqualTo(canvas.imageSize(20, 24).imageNetNormalisation());
  }

  @Test
  void arrays_areCopied() {
    float[] mean = {0.5f};
    ImageInput input = ImageInput.of(1, 2, 2).normalisation(mean, new float[] {2});
    mean[0] = 9;
    input.mean()[0] = 9;
    input.std()[0] = 9;
    assertThat(input.mean()).containsExactly(0.5f);
    assertThat(input.std()).containsExactly(2);
  }

  @Test
  void sizes_thatDoNotFit_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageInput.of(3, 0, 8))
        .withMessage(
            "canvas without pixels: ImageInput.of; expected channels, height and width of at"
                + " least 1, found 3 x 0 x 8; pass the network's input size.");
    ImageInput canvas = ImageInput.of(3, 12, 9);
    for (int[] size : new int[][] {{13, 9}, {12, 10}, {0, 9}, {12, 0}, {-1, 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> canvas.imageSize(size[0], size[1]))
          .withMessageContaining(
              "expected 1 x 1 to 12 x 9, found " + size[0] + " x " + size[1] + ";");
    }
  }

  @Test
  void normalisation_thatCannotBeDividedBy_isRefused() {
    ImageInput canvas = ImageInput.of(2, 4, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(canvas::imageNetNormalisation)
        .withMessageContaining("expected 2 means and deviations, found 3 and 3;");
    float[] zero = {0, 0};
    for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> canvas.normalisation(zero, new float[] {1, bad}))
          .withMessageContaining("channel 1; expected a finite mean and a positive deviation")
          .withMessageContaining("found 0.0 and " + bad);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> canvas.normalisation(new float[] {Float.NaN, 0}, new float[] {1, 1}))
        .withMessageContaining("channel 0;");
  }

  @Test
  void of_canvasBeyondTheLimit_isRefusedWithoutAllocating() {
    ImageInput.of(1, 1 << 13, 1 << 13);
    int[][] sizes = {
      {1, (1 << 13) + 1, 1 << 13},
      {Integer.MAX_VALUE, 1, 1},
      {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE}
    };
    for (int[] size : sizes) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageInput.of(size[0], size[1], size[2]))
          .withMessageStartingWith("canvas too large: ImageInput.of; expected at most 67108864");
    }
  }
}
