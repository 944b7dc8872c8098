package org.vpns.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.image.PixelResize;

class PixelResizeTest {
  @ParameterizedTest
  @CsvSource({
    "1, 7, 5, 7, 5",
    "3, 7, 5, 7, 9",
    "2, 7, 5, 3, 5",
    "3, 40, 31, 8, 8",
    "6, 9, 8, 24, 24",
    "1, 1, 1, 4, 3",
    "3, 4, 3, 1, 1"
  })
  void resize_ofAnySize_isThatOfTheEngine(int planes, int h, int w, int newH, int newW) {
    Random random = new Random(5);
    float[] pixels = new float[planes * h * w];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    float[] found = PixelResize.resize(pixels, planes, h, w, newH, newW);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray images = manager.create(pixels, new Shape(1, planes, h, w));
      float[] expected = ImagePlacement.resize(images, newH, newW).toFloatArray();
      // numbers up to 1, sums of up to 40 products: some roundings of 6e-8
      assertThat(found).containsExactly(expected, Offset.offset(5e-7f));
    }
  }

  @Test
  void resize_toTheSameSize_givesTheSameNumbers() {
    float[] pixels = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f};
    assertThat(PixelResize.resize(pixels, 1, 2, 3, 2, 3)).containsExactly(pixels);
  }

  @Test
  void resize_ofOtherNumbers_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelResize.resize(new float[5], 1, 2, 3, 4, 4))
        .withMessage(
            "pixels do not fit their size: PixelResize.resize; expected 1 planes of 2 x 3, sizes of"
                + " at least 1, found 5 numbers, to become 4 x 4; pass the size of the planes.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixelResize.resize(new float[6], 1, 2, 3, 0, 4));
  }
}
