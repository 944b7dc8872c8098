package org.vpns.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;

class PlainPlacementTest {
  /** A pixel is a mean of at most some ten values in [0, 1], divided by 0.2. */
  private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

  @Test
  void placement_ofRandomImages_isTheEngines() {
    ImageInput input = ImageInput.of(3, 12, 9).imageSize(7, 6).imageNetNormalisation();
    Random random = new Random(1);
    float[] image = new float[3 * 20 * 5];
    for (int i = 0; i < image.length; i++) {
      image[i] = random.nextFloat();
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] expected =
          ImagePlacement.of(input)
              .apply(manager.create(image, new Shape(1, 3, 20, 5)))
              .toFloatArray();

      assertThat(PlainPlacement.of(input, null).apply(image, 20, 5))
          .containsExactly(expected, ROUNDING);
    }
  }

  /** 2 x 2 with a picture: sums are limited to [0, 1], then (x - 0.5) / 0.25. */
  @Test
  void picture_isAddedAndLimitedBeforeTheNormalisation() {
    ImageInput input =
        ImageInput.of(1, 2, 2).normalisation(new float[] {0.5f}, new float[] {0.25f});
    float[] picture = {0.5f, 0.25f, -1, 0};

    assertThat(PlainPlacement.of(input, picture).apply(new float[] {0.75f, 0.5f, 0.5f, 1}, 2, 2))
        .containsExactly(2, 1, -2, 2);
  }
}
