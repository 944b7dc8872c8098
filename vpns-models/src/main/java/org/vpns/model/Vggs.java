package org.vpns.model;

import java.util.ArrayList;
import java.util.List;

/**
 * VGG networks in torchvision's layout, 3 x 224 x 224 to 1000 classes: stages of 3x3 convolutions
 * with ReLU, each stage closed by 2x2 max pooling; average pooling to 7 x 7; three linear layers,
 * the first two with ReLU and dropout 0.5. Most of their weights are in the first linear layer.
 *
 * <p>Parameters are called {@code features.N.weight}, {@code features.N.bias} and {@code
 * classifier.0}, {@code .3} and {@code .6}: the number counts ReLU, pooling and dropout too. Images
 * of 32 x 32 or more; those of 224 x 224 need no average pooling.
 *
 * <p>After Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image
 * Recognition, arXiv:1409.1556.
 */
public final class Vggs {
  private Vggs() {}

  /** VGG-11 without batch norm, 132,863,336 parameters. */
  public static NetworkPlan vgg11() {
    return vgg("vgg11", false, 1, 1, 2, 2, 2);
  }

  /** VGG-11 with batch norm, 132,868,840 parameters. */
  public static NetworkPlan vgg11BatchNorm() {
    return vgg("vgg11_bn", true, 1, 1, 2, 2, 2);
  }

  /** VGG-16 without batch norm, 138,357,544 parameters. */
  public static NetworkPlan vgg16() {
    return vgg("vgg16", false, 2, 2, 3, 3, 3);
  }

  /** VGG-16 with batch norm, 138,365,992 parameters. */
  public static NetworkPlan vgg16BatchNorm() {
    return vgg("vgg16_bn", true, 2, 2, 3, 3, 3);
  }

  /** VGG-19 without batch norm, 143,667,240 parameters. */
  public static NetworkPlan vgg19() {
    return vgg("vgg19", false, 2, 2, 4, 4, 4);
  }

  /** VGG-19 with batch norm, 143,678,248 parameters. */
  public static NetworkPlan vgg19BatchNorm() {
    return vgg("vgg19_bn", true, 2, 2, 4, 4, 4);
  }

  private static NetworkPlan vgg(String name, boolean batchNorm, int... convolutions) {
    List<Vgg.Stage> stages = new ArrayList<>();
    for (int count : convolutions) {
      stages.add(new Vgg.Stage(Math.min(64 << stages.size(), 512), count));
    }
    return new Vgg(Frame.imageNet(name), stages, 4096, batchNorm);
  }
}
