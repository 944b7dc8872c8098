package org.vpns.model;

import java.util.List;

/** Densely connected networks in torchvision's layout, 3 x 224 x 224 to 1000 classes. */
public final class DenseNets {
  private DenseNets() {}

  /** DenseNet-121, 7,978,856 parameters. */
  public static DenseNet densenet121() {
    return new DenseNet(Frame.imageNet("densenet121"), 64, 32, List.of(6, 12, 24, 16));
  }
}
