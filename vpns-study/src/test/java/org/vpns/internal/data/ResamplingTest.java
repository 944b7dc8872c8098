package org.vpns.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResamplingTest {
  private static Pixels row(int... values) {
    Pixels row = Pixels.black(1, 1, values.length);
    for (int i = 0; i < values.length; i++) {
      row.values()[i] = (byte) values[i];
    }
    return row;
  }

  private static int[] values(Pixels pixels) {
    int[] values = new int[pixels.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(pixels.values()[i]);
    }
    return values;
  }

  /**
   * Four to two: centres at 1 and 3, a triangle of radius 2. Pixels at 0.5, 1.5 and 2.5 have
   * weights 3/4, 3/4 and 1/4 of their sum 7/4.
   */
  @Test
  void bilinear_halved_weighsThreeThreeOne() {
    Pixels half = Resampling.BILINEAR.resize(row(0, 70, 140, 210), 1, 2);

    assertThat(values(half))
        .containsExactly((3 * 0 + 3 * 70 + 140) / 7, (70 + 3 * 140 + 3 * 210) / 7);
  }

  /** Two to four: centres at 1/4, 3/4, 5/4, 7/4; at the ends only one pixel is near. */
  @Test
  void bilinear_doubled_mixesNeighboursThreeToOne() {
    Pixels twice = Resampling.BILINEAR.resize(row(0, 100), 1, 4);

    assertThat(values(twice)).containsExactly(0, 25, 75, 100);
  }

  /**
   * Two to four with the cubic: from 3/4, pixels at 1/2 and 3/2 are 1/4 and 3/4 away, weights
   * 111/128 and 29/128 of their sum 140/128; from 1/4, 1/4 and 5/4 away, 111/128 and -9/128 of
   * 102/128.
   */
  @Test
  void bicubic_doubled_overshootsAndIsClipped() {
    Pixels twice = Resampling.BICUBIC.resize(row(28, 168), 1, 4);

    // (111 * 28 + 29 * 168) / 140 = 57; (111 * 28 - 9 * 168) / 102 = 15.6
    assertThat(values(twice)).containsExactly(16, 57, 139, 180);
    assertThat(values(Resampling.BICUBIC.resize(row(0, 255), 1, 4)))
        .containsExactly(0, 53, 202, 255);
  }

  @ParameterizedTest
  @EnumSource
  void resize_toTheSameSize_changesNothing(Resampling resampling) throws Exception {
    Pixels plain = Samples.expected("plain.png");

    assertThat(resampling.resize(plain, plain.height(), plain.width())).isSameAs(plain);
  }

  /** Weights sum to one: a plain picture stays plain, whatever its size. */
  @ParameterizedTest
  @EnumSource
  void resize_ofOneColour_keepsIt(Resampling resampling) {
    Pixels plain = Pixels.black(3, 13, 7);
    java.util.Arrays.fill(plain.values(), (byte) 201);
    for (int size = 1; size < 30; size++) {
      assertThat(values(resampling.resize(plain, size, 2 * size))).containsOnly(201);
    }
  }

  @ParameterizedTest
  @CsvSource({"12, 17", "31, 9", "5, 45", "64, 71", "1, 1"})
  void resize_isThatOfTorchvision_toTheBit(int height, int width) throws Exception {
    Pixels plain = Samples.expected("plain.png");
    for (Resampling resampling : Resampling.values()) {
      String file =
          resampling.name().toLowerCase(java.util.Locale.ROOT) + "-" + height + "x" + width;

      Pixels made = resampling.resize(plain, height, width);

      Samples.assertEqual(made, Samples.expected(file + ".png"));
    }
  }
}
