package org.vpns.model;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.vpns.testing.SharedData;

/** 200 photographs of the shared folder; number i shows ImageNet's class 5 i. */
public final class Photographs {
  private static final int SIDE = 224;
  private static final int PIXELS = SIDE * SIDE;

  private Photographs() {}

  /** The files in order; skips the running test if they are not there. */
  public static List<Path> files() throws IOException {
    try (var listed = Files.list(SharedData.require("data/imagenet/images"))) {
      return listed.sorted().toList();
    }
  }

  /** The middle 224 x 224 pixels, channel by channel, from -1 to 1. */
  public static float[] centre(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    int left = (int) Math.rint((image.getWidth() - SIDE) / 2.0);
    int top = (int) Math.rint((image.getHeight() - SIDE) / 2.0);
    int[] colours = image.getRGB(left, top, SIDE, SIDE, null, 0, SIDE);
    float[] values = new float[3 * PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      for (int channel = 0; channel < 3; channel++) {
        int level = colours[i] >> (16 - 8 * channel) & 0xff;
        values[channel * PIXELS + i] = level / 127.5f - 1;
      }
    }
    return values;
  }

  /** Position of the largest number. */
  public static int best(float[] logits) {
    int best = 0;
    for (int k = 1; k < logits.length; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    return best;
  }
}
