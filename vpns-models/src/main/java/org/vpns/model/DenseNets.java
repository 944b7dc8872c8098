package org.vpns.model;

import java.util.List;

/**
 * Densely connected networks in torchvision's layout, 3 x 224 x 224 to 1000 classes: each layer
 * adds a few channels to all that came before; between blocks of layers a transition halves
 * channels, height and width.
 *
 * <p>Parameters are called {@code features.conv0.weight}, {@code features.norm0.*}, {@code
 * features.denseblockB.denselayerL.normN.*} and {@code .convN.weight}, {@code
 * features.transitionB.norm.*} and {@code .conv.weight}, {@code features.norm5.*} and {@code
 * classifier.*}. Images of 29 x 29 or more.
 *
 * <p>After Huang et al., Densely Connected Convolutional Networks, arXiv:1608.06993.
 */
public final class DenseNets {
  private DenseNets() {}

  /** DenseNet-121, 7,978,856 parameters. */
  public static NetworkPlan densenet121() {
    return new DenseNet(Frame.imageNet("densenet121"), 64, 32, List.of(6, 12, 24, 16));
  }
}
