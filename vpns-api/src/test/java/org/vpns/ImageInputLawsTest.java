package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ImageInputLawsTest {
  @Property
  void image_ofAnySize_liesInTheMiddleOfTheCanvas(
      @ForAll @IntRange(min = 1, max = 500) int canvas,
      @ForAll @IntRange(min = 1, max = 500) int image) {
    int size = Math.min(canvas, image);
    ImageInput input = ImageInput.of(1, canvas, canvas).imageSize(size, size);
    int bottom = canvas - input.top() - size;
    assertThat(bottom).isNotNegative();
    assertThat(input.top() - bottom).isBetween(0, 1);
    assertThat(input.left()).isEqualTo(input.top());
  }
}
