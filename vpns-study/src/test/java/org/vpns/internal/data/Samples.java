package org.vpns.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.ImageIO;

/** The pictures that Pillow and torchvision made. */
final class Samples {
  private Samples() {}

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = Samples.class.getResourceAsStream("pillow/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  /** A PNG in RGB or grey of 8 bits, read by Java itself. */
  static Pixels expected(String name) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes(name)));
    int channels = image.getRaster().getNumBands();
    int[] samples =
        image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
    Pixels pixels = Pixels.black(channels, image.getHeight(), image.getWidth());
    for (int i = 0; i < samples.length; i++) {
      pixels.values()[i] = (byte) samples[i];
    }
    return pixels;
  }

  /** In words of one pixel: arrays of thousands are no help in a message. */
  static void assertEqual(Pixels found, Pixels expected) {
    assertThat(found.channels() + " x " + found.height() + " x " + found.width())
        .isEqualTo(expected.channels() + " x " + expected.height() + " x " + expected.width());
    int at = Arrays.mismatch(found.values(), expected.values());
    if (at >= 0) {
      throw new AssertionError(
          "value " + at + ": expected " + expected.values()[at] + ", found " + found.values()[at]);
    }
  }
}
