package org.vpns.model;

import java.util.List;
import org.vpns.Problem;

/** Small networks of depthwise separable convolutions, 3 x 224 x 224 to 1000 classes. */
public final class MobileNets {
  /** Zeros around the maps before a 3x3 convolution of stride 2. */
  public enum Padding {
    /** One row or column on every side. */
    SYMMETRIC,
    /**
     * As many as give ceil(size / 2) outputs, the odd one at the bottom and on the right: 0 and 1
     * for even sizes, 1 and 1 for odd ones ("same" of TensorFlow).
     */
    SAME
  }

  private MobileNets() {}

  /** MobileNetV1, 4,231,976 parameters; see {@link #v1(double, Padding)}. */
  public static NetworkPlan v1() {
    return v1(1);
  }

  /** MobileNetV1 padded as Keras does, {@link Padding#SAME}; see {@link #v1(double, Padding)}. */
  public static NetworkPlan v1(double widthMultiplier) {
    return v1(widthMultiplier, Padding.SAME);
  }

  /**
   * MobileNetV1 with every width multiplied and rounded down, 2,585,560 parameters for 0.75: a 3x3
   * convolution of stride 2, thirteen pairs of a 3x3 convolution of each channel by itself and a
   * 1x1 convolution, global average pooling and a 1x1 convolution to the logits.
   *
   * <p>Parameters are called {@code conv1.weight}, {@code conv1_bn.*}, {@code conv_dw_I.weight},
   * {@code conv_dw_I_bn.*}, {@code conv_pw_I.weight}, {@code conv_pw_I_bn.*} for I of 1 to 13, and
   * {@code conv_preds.*}: the names of the published Keras weights, with PyTorch's axes. Batch norm
   * has epsilon 1e-3 and keeps 0.99 of its statistics in a step, as there. Images of any size.
   *
   * <p>After Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
   * Applications, arXiv:1704.04861.
   *
   * @param padding where the stride is 2
   * @throws IllegalArgumentException if the multiplier is below 1/32, which leaves no channel
   */
  public static NetworkPlan v1(double widthMultiplier, Padding padding) {
    Problem.given(padding, "MobileNets.v1", "padding");
    String name = widthMultiplier == 1 ? "mobilenet_v1" : "mobilenet_v1_" + widthMultiplier;
    return new MobileNetV1(Frame.imageNet(name), widthMultiplier, padding);
  }

  /**
   * MobileNetV2 in torchvision's layout, 3,504,872 parameters: a 3x3 convolution of stride 2,
   * inverted residuals, a 1x1 convolution, global average pooling, dropout 0.2 and a linear layer.
   *
   * <p>Parameters are called {@code features.0.0.weight}, {@code features.0.1.*}, {@code
   * features.B.conv.N.0.weight} and so on to {@code features.18.*} and {@code classifier.1.*}.
   * Images of any size.
   *
   * <p>After Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks,
   * arXiv:1801.04381.
   */
  public static NetworkPlan v2() {
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
