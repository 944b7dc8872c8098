package org.vpns.model;

import java.util.List;

/** Small networks of depthwise separable convolutions, 3 x 224 x 224 to 1000 classes. */
public final class MobileNets {
  private MobileNets() {}

  /** MobileNetV1, 4,231,976 parameters; see {@link #v1(double)}. */
  public static MobileNetV1 v1() {
    return v1(1);
  }

  /**
   * MobileNetV1 with every width multiplied and rounded down: 2,585,560 parameters for 0.75. In
   * Keras' layout, padded as there ({@link Padding#SAME}).
   *
   * @throws IllegalArgumentException if the multiplier is below 1/32, which leaves no channel
   */
  public static MobileNetV1 v1(double widthMultiplier) {
    String name = widthMultiplier == 1 ? "mobilenet_v1" : "mobilenet_v1_" + widthMultiplier;
    return new MobileNetV1(Frame.imageNet(name), widthMultiplier, Padding.SAME);
  }

  /** MobileNetV2 in torchvision's layout, 3,504,872 parameters. */
  public static MobileNetV2 v2() {
    return new MobileNetV2(
        Frame.imageNet("mobilenet_v2"),
        32,
        List.of(
            new MobileNetV2.Stage(1, 16, 1, 1),
            new MobileNetV2.Stage(6, 24, 2, 2),
            new MobileNetV2.Stage(6, 32, 3, 2),
            new MobileNetV2.Stage(6, 64, 4, 2),
            new MobileNetV2.Stage(6, 96, 3, 1),
            new MobileNetV2.Stage(6, 160, 3, 2),
            new MobileNetV2.Stage(6, 320, 1, 1)),
        1280);
  }
}
