package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;

class RegionTest {
  private static final ImageInput FIVE_BY_FOUR = ImageInput.of(1, 5, 4);

  @ParameterizedTest
  @CsvSource({
    "0, 0000 0000 0000 0000 0000",
    "1, 1111 1001 1001 1001 1111",
    "2, 1111 1111 1111 1111 1111"
  })
  void pad_onFiveByFour_isAFrame(int pixels, String rows) {
    assertThat(mask(Prompts.pad(pixels), FIVE_BY_FOUR)).isEqualTo(rows);
  }

  @Test
  void fix_onFiveByFour_isTheTopLeftCorner() {
    assertThat(mask(Prompts.fix(2), FIVE_BY_FOUR)).isEqualTo("1100 1100 0000 0000 0000");
  }

  @Test
  void random_drawnAtThreeTwo_isThere() {
    try (PromptRunner runner = new PromptRunner(Prompts.random(2), FIVE_BY_FOUR)) {
      runner.fill(1);
      runner.prompt.draw(PromptRunner.place(3, 2), 1);
      float[] out = runner.forward(new float[20], new Shape(1, 1, 5, 4), true);
      assertThat(rows(out)).isEqualTo("0000 0000 0000 0011 0011");
    }
  }

  @Test
  void random_inEvaluation_isInTheMiddle() {
    assertThat(mask(Prompts.random(2), FIVE_BY_FOUR)).isEqualTo("0000 0110 0110 0000 0000");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1, 17, 1111 1101 1101 1101 1111",
    "2, 3, 14, 1111 1111 1000 1000 1111",
    "5, 4, 0, 0000 0000 0000 0000 0000"
  })
  void expansive_isWhatTheImageLeaves(int height, int width, int active, String rows) {
    ImageInput input = FIVE_BY_FOUR.imageSize(height, width);
    assertThat(mask(Prompts.expansive(), input)).isEqualTo(rows);
    try (PromptRunner runner = new PromptRunner(Prompts.expansive(), input)) {
      assertThat(runner.prompt.activePixels()).isEqualTo(active);
    }
  }

  @Test
  void picture_isTheValuesAtTheRegionsPixels_channelRowColumn() {
    try (PromptRunner runner = new PromptRunner(Prompts.fix(2), ImageInput.of(2, 2, 3))) {
      runner.set(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(runner.prompt.picture()).containsExactly(1, 2, 0, 3, 4, 0, 5, 6, 0, 7, 8, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8, 6912",
    "16, 13312",
    "32, 24576",
    "48, 33792",
    "64, 40960",
    "80, 46080",
    "96, 49152",
    "112, 50176"
  })
  void pad_on224_hasThePublishedNumberOfPixels(int pixels, int active) {
    try (PromptRunner runner = new PromptRunner(Prompts.pad(pixels), ImageInput.imageNet())) {
      assertThat(runner.prompt.activePixels()).isEqualTo(active);
      assertThat(runner.prompt.parameterCount()).isEqualTo(3L * active);
    }
  }

  @Test
  void fix115_on224_has13225PixelsAnd39675Values() {
    try (PromptRunner runner = new PromptRunner(Prompts.fix(115), ImageInput.imageNet())) {
      assertThat(runner.prompt.activePixels()).isEqualTo(13_225);
      assertThat(runner.prompt.parameterCount()).isEqualTo(39_675);
    }
  }

  @Test
  void random_storesTheCanvas_andAsPatchTheSquare() {
    ImageInput input = ImageInput.of(3, 12, 9);
    try (PromptRunner window = new PromptRunner(Prompts.random(5), input);
        PromptRunner patch = new PromptRunner(Prompts.random(5).patch(), input)) {
      assertThat(window.prompt.activePixels()).isEqualTo(25);
      assertThat(window.prompt.parameterCount()).isEqualTo(3 * 12 * 9);
      assertThat(patch.prompt.activePixels()).isEqualTo(25);
      assertThat(patch.prompt.parameterCount()).isEqualTo(75);
    }
  }

  @Property(tries = 60)
  void pad_activePixels_areTwiceTheBreadthTimesTheSidesLessTheCorners(
      @ForAll @IntRange(min = 1, max = 14) int height,
      @ForAll @IntRange(min = 1, max = 14) int width,
      @ForAll @IntRange(max = 7) int wanted) {
    int pixels = Math.min(wanted, Math.min(height, width) / 2);
    ImageInput input = ImageInput.of(1, height, width);
    assertThat(StillRegion.pad(pixels, input).activePixels())
        .isEqualTo(2 * pixels * (height + width) - 4 * pixels * pixels);
  }

  @Test
  void regionsThatDoNotFit_areRefusedWithTheLimit() {
    assertRefused(Prompts.pad(3), FIVE_BY_FOUR, "at most 2 pixels");
    assertRefused(Prompts.fix(5), FIVE_BY_FOUR, "at most 4 pixels");
    assertRefused(Prompts.random(5), FIVE_BY_FOUR, "at most 4 pixels");
    assertRefused(Prompts.random(4).excludeLast(), FIVE_BY_FOUR, "at most 3 pixels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Prompts.pad(-1))
        .withMessage(
            "frame out of range: Prompts.pad; expected 0 pixels or more, found -1; pass a"
                + " breadth.");
    assertThatIllegalArgumentException().isThrownBy(() -> Prompts.fix(0));
    assertThatIllegalArgumentException().isThrownBy(() -> Prompts.random(0));
    assertThatIllegalArgumentException().isThrownBy(() -> FIVE_BY_FOUR.imageSize(6, 4));
  }

  private static void assertRefused(PromptFactory factory, ImageInput input, String part) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PromptRunner(factory, input))
        .withMessageContaining(part);
  }

  private static String mask(PromptFactory factory, ImageInput input) {
    try (PromptRunner runner = new PromptRunner(factory, input)) {
      boolean[] region = runner.prompt.region();
      float[] numbers = new float[region.length];
      for (int i = 0; i < region.length; i++) {
        numbers[i] = region[i] ? 1 : 0;
      }
      if (runner.prompt.parameterCount() > 0) {
        runner.fill(1);
        assertThat(runner.prompt.picture()).containsExactly(numbers);
      }
      return rows(numbers);
    }
  }

  private static String rows(float[] canvas) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < canvas.length; i++) {
      text.append(i > 0 && i % 4 == 0 ? " " : "").append(canvas[i] == 1 ? '1' : '0');
    }
    return text.toString();
  }
}
