package com.example.study;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Folders of pictures as others keep them: one per class, crosses and discs here. */
final class Pictures {
  private static final int SIDE = 20;

  private Pictures() {}

  static void draw(Path folder, int each, long seed) throws IOException {
    Random random = new Random(seed);
    for (String shape : List.of("cross", "disc")) {
      Path own = Files.createDirectories(folder.resolve(shape));
      for (int i = 0; i < each; i++) {
        ImageIO.write(picture(shape, random), "png", own.resolve(i + ".png").toFile());
      }
    }
  }

  private static BufferedImage picture(String shape, Random random) {
    BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(Color.getHSBColor(random.nextFloat(), 0.6f, 0.9f));
    int left = random.nextInt(8);
    int top = random.nextInt(8);
    if (shape.equals("disc")) {
      graphics.fillOval(left, top, 12, 12);
    } else {
      graphics.fillRect(left + 5, top, 2, 12);
      graphics.fillRect(left, top + 5, 12, 2);
    }
    graphics.dispose();
    return picture;
  }
}
