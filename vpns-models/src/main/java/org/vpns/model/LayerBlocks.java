package org.vpns.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;

/** The layers that the networks are made of. */
final class LayerBlocks {
  private LayerBlocks() {}

  /** A convolution without bias whose padding, kernel / 2, keeps the size at stride 1. */
  static Block conv(int filters, int kernel, int stride) {
    return convolution(filters, kernel, stride).optBias(false).build();
  }

  /** As {@link #conv}, with bias. */
  static Block convWithBias(int filters, int kernel, int stride) {
    return convolution(filters, kernel, stride).build();
  }

  /** A 3x3 convolution of each channel by itself, without bias. */
  static Block depthwise(int channels, int stride, int padding) {
    return convolution(channels, 3, stride)
        .optPadding(square(padding))
        .optGroups(channels)
        .optBias(false)
        .build();
  }

  static Conv2d.Builder convolution(int filters, int kernel, int stride) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(square(kernel))
        .optStride(square(stride))
        .optPadding(square(kernel / 2));
  }

  /** Batch norm with epsilon 1e-5 that keeps 0.9 of its statistics in a step, as torchvision's. */
  static Block norm() {
    return BatchNorm.builder().build();
  }

  static Block linear(int outputs) {
    return Linear.builder().setUnits(outputs).build();
  }

  static Block dropout(float fraction) {
    return Dropout.builder().optRate(fraction).build();
  }

  static Block relu() {
    return Activation.reluBlock();
  }

  /**
   * min(max(x, 0), 6). First ReLU, as clip alone has slope 1 at 0, where a channel without weights
   * rests: it would pass gradients that ReLU stops. DJL's own takes the minimum with an array whose
   * memory may be gone by the backward pass.
   */
  static Block relu6() {
    return LambdaBlock.singleton(x -> Activation.relu(x).clip(0, 6), "relu6");
  }

  static Block maxPool(int kernel, int stride, int padding) {
    return Pool.maxPool2dBlock(square(kernel), square(stride), square(padding));
  }

  static Block avgPool(int kernel) {
    return Pool.avgPool2dBlock(square(kernel), square(kernel));
  }

  /** (batch, channels, height, width) to (batch, channels). */
  static Block globalAvgPool() {
    return Pool.globalAvgPool2dBlock();
  }

  /** (batch, ...) to (batch, product of the others). */
  static Block flatten() {
    return LambdaBlock.singleton(LayerBlocks::flattened, "flatten");
  }

  private static NDArray flattened(NDArray x) {
    return x.reshape(x.getShape().get(0), -1);
  }

  static Shape square(int side) {
    return new Shape(side, side);
  }
}
