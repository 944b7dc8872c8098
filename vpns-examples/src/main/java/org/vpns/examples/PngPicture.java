package org.vpns.examples;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.ImageIO;
import org.vpns.Problem;

/** Pictures as PNG. */
public final class PngPicture {
  private PngPicture() {}

  /**
   * Writes a picture.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(BufferedImage picture, OutputStream out) throws IOException {
    if (!ImageIO.write(picture, "png", out)) {
      throw new IOException(
          Problem.message(
              "picture cannot be written",
              picture.getWidth() + " x " + picture.getHeight() + " pixels",
              "a Java that writes PNG files",
              "none of javax.imageio that does",
              "use a JDK with the module java.desktop as it is delivered"));
    }
  }
}
