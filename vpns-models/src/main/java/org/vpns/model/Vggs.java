package org.vpns.model;

import java.util.ArrayList;
import java.util.List;

/**
 * VGG networks in torchvision's layout, 3 x 224 x 224 to 1000 classes. Most of their weights are in
 * the first linear layer.
 */
public final class Vggs {
  private Vggs() {}

  /** VGG-11 without batch norm, 132,863,336 parameters. */
  public static Vgg vgg11() {
    return vgg("vgg11", false, 1, 1, 2, 2, 2);
  }

  /** VGG-11 with batch norm, 132,868,840 parameters. */
  public static Vgg vgg11BatchNorm() {
    return vgg("vgg11_bn", true, 1, 1, 2, 2, 2);
  }

  /** VGG-16 without batch norm, 138,357,544 parameters. */
  public static Vgg vgg16() {
    return vgg("vgg16", false, 2, 2, 3, 3, 3);
  }

  /** VGG-16 with batch norm, 138,365,992 parameters. */
  public static Vgg vgg16BatchNorm() {
    return vgg("vgg16_bn", true, 2, 2, 3, 3, 3);
  }

  /** VGG-19 without batch norm, 143,667,240 parameters. */
  public static Vgg vgg19() {
    return vgg("vgg19", false, 2, 2, 4, 4, 4);
  }

  /** VGG-19 with batch norm, 143,678,248 parameters. */
  public static Vgg vgg19BatchNorm() {
    return vgg("vgg19_bn", true, 2, 2, 4, 4, 4);
  }

  private static Vgg vgg(String name, boolean batchNorm, int... convolutions) {
    List<Vgg.Stage> stages = new ArrayList<>();
    for (int count : convolutions) {
      stages.add(new Vgg.Stage(Math.min(64 << stages.size(), 512), count));
    }
    return new Vgg(Frame.imageNet(name), stages, 4096, batchNorm);
  }
}
