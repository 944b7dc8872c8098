package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import org.vpns.Problem;
import org.vpns.model.MobileNets.Padding;

/** The plan of a MobileNetV1; see {@link MobileNets#v1}. */
final class MobileNetV1 extends NetworkPlan {
  private static final int STEM_WIDTH = 32;
  private static final int[] WIDTHS = {
    64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024
  };
  private static final int[] STRIDES = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};

  private final double multiplier;
  private final Padding padding;

  MobileNetV1(Frame frame, double multiplier, Padding padding) {
    super(frame);
    this.multiplier = multiplier;
    this.padding = padding;
    // the widest layer must still fit an int
    if (!(STEM_WIDTH * multiplier >= 1 && multiplier <= 1 << 20)) {
      throw Problem.argument(
          "width multiplier out of range",
          frame.name(),
          "at least 1/32",
          multiplier,
          "pass for example 0.75");
    }
  }

  @Override
  MobileNetV1 with(Frame changed) {
    return new MobileNetV1(changed, multiplier, padding);
  }

  @Override
  public Block block() {
    NamedSequence network = new NamedSequence();
    int before = scaled(STEM_WIDTH);
    addPadding(network, "conv1", 2);
    network.then(
        "conv1",
        LayerBlocks.convolution(before, 3, 2)
            .optPadding(LayerBlocks.square(sidePadding(2)))
            .optBias(false)
            .build());
    addNormAndRelu6(network, "conv1");
    for (int i = 0; i < WIDTHS.length; i++) {
      String depthwise = "conv_dw_" + (i + 1);
      addPadding(network, depthwise, STRIDES[i]);
      network.then(depthwise, LayerBlocks.depthwise(before, STRIDES[i], sidePadding(STRIDES[i])));
      addNormAndRelu6(network, depthwise);
      before = scaled(WIDTHS[i]);
      String pointwise = "conv_pw_" + (i + 1);
      network.then(pointwise, LayerBlocks.conv(before, 1, 1));
      addNormAndRelu6(network, pointwise);
    }
    return network
        .then("pool", LambdaBlock.singleton(MobileNetV1::pooled, "pool"))
        .then("conv_preds", LayerBlocks.convWithBias(classes(), 1, 1))
        .then("flatten", LayerBlocks.flatten());
  }

  private int scaled(int width) {
    return (int) (width * multiplier);
  }

  /** Padding that the convolution itself adds; the rest comes before it. */
  private int sidePadding(int stride) {
    return stride == 2 && padding == Padding.SAME ? 0 : 1;
  }

  private void addPadding(NamedSequence network, String name, int stride) {
    if (sidePadding(stride) == 0) {
      network.then(name + "_pad", LambdaBlock.singleton(MobileNetV1::padded, "pad"));
    }
  }

  private static void addNormAndRelu6(NamedSequence network, String name) {
    network.then(name + "_bn", BatchNorm.builder().optEpsilon(1e-3f).optMomentum(0.99f).build());
    network.then(name + "_relu", LayerBlocks.relu6());
  }

  private static NDArray padded(NDArray x) {
    int top = (int) (x.getShape().get(2) % 2);
    int left = (int) (x.getShape().get(3) % 2);
    return x.pad(new Shape(left, 1, top, 1), 0);
  }

  /** Global average pooling to maps of 1 x 1. */
  private static NDArray pooled(NDArray x) {
    NDArray means = Pool.globalAvgPool2d(x);
    return means.reshape(x.getShape().get(0), -1, 1, 1);
  }
}
