package org.vpns.study;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.vpns.report.PromptRecord;

/**
 * A prompt as a PNG: mid grey = nothing added, white = the largest absolute value added, black = it
 * taken away; three channels as red, green and blue, any other number as grey pictures side by
 * side. One pixel per canvas pixel.
 *
 * @param uri the PNG as a {@code data:} URI
 * @param width pixels of the PNG
 * @param height pixels of the PNG
 * @param scale the largest absolute finite value, the one shown white or black
 */
record PromptPicture(String uri, int width, int height, double scale) {
  private static final int GREY = 128;

  static PromptPicture of(PromptRecord prompt) {
    float[] values = prompt.picture();
    int area = prompt.height() * prompt.width();
    double scale = 0;
    for (float value : values) {
      if (Float.isFinite(value)) {
        scale = Math.max(scale, Math.abs(value));
      }
    }
    boolean colour = prompt.channels() == 3;
    int panels = colour ? 1 : prompt.channels();
    BufferedImage image =
        new BufferedImage(
            prompt.width() * panels,
            prompt.height(),
            colour ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY);
    for (int panel = 0; panel < panels; panel++) {
      for (int i = 0; i < area; i++) {
        int x = panel * prompt.width() + i % prompt.width();
        int y = i / prompt.width();
        if (colour) {
          image.setRGB(
              x,
              y,
              level(values[i], scale) << 16
                  | level(values[area + i], scale) << 8
                  | level(values[2 * area + i], scale));
        } else {
          // The raster, as setRGB would convert grey levels between colour spaces.
          image.getRaster().setSample(x, y, 0, level(values[panel * area + i], scale));
        }
      }
    }
    return new PromptPicture(
        "data:image/png;base64," + Base64.getEncoder().encodeToString(png(image)),
        image.getWidth(),
        image.getHeight(),
        scale);
  }

  /** Whether the record's picture has the size that its shape says. */
  static boolean complete(PromptRecord prompt) {
    return prompt.channels() > 0
        && prompt.height() > 0
        && prompt.width() > 0
        && prompt.picture().length == (long) prompt.channels() * prompt.height() * prompt.width();
  }

  /** The largest value as a reader wants it: three digits. */
  String scaleText() {
    return String.format(Locale.ROOT, "%.3g", scale);
  }

  private static int level(float value, double scale) {
    if (!(scale > 0) || Float.isNaN(value)) {
      return GREY;
    }
    double share = Math.max(-1, Math.min(1, value / scale));
    return (int) Math.round(GREY + share * (share < 0 ? GREY : 255 - GREY));
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("the Java platform always writes PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
