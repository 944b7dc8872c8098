package org.vpns.model;

/**
 * The usual residual networks. Parameter names are those of the usual weight files, so that {@link
 * org.vpns.weights.WeightFile} loads them by name.
 */
public final class ResNets {
  private ResNets() {}

  /** For 3 x 32 x 32 and 10 classes, 269,722 parameters; see {@link #cifar}. */
  public static ResNet cifar20() {
    return cifar(3);
  }

  /** For 3 x 32 x 32 and 10 classes, 464,154 parameters; see {@link #cifar}. */
  public static ResNet cifar32() {
    return cifar(5);
  }

  /** For 3 x 32 x 32 and 10 classes, 658,586 parameters; see {@link #cifar}. */
  public static ResNet cifar44() {
    return cifar(7);
  }

  /** For 3 x 32 x 32 and 10 classes, 853,018 parameters; see {@link #cifar}. */
  public static ResNet cifar56() {
    return cifar(9);
  }

  /**
   * The CIFAR form: three stages of 16, 32 and 64 channels with the given number of blocks each
   * ({@code 6 * blocks + 2} layers), shortcuts without parameters, head called {@code linear}. With
   * {@link ResNet.Shortcut#PROJECTION} the shortcuts are called {@code shortcut}.
   */
  public static ResNet cifar(int blocks) {
    return ResNet.builder("resnet" + (6 * blocks + 2))
        .input(3, 32, 32)
        .stem(16, 3, 1)
        .stage(16, blocks, 1)
        .stage(32, blocks, 2)
        .stage(64, blocks, 2)
        .shortcut(ResNet.Shortcut.SUBSAMPLE)
        .classes(10)
        .names("linear", "shortcut")
        .build();
  }

  /** ResNet-18 in torchvision's layout, 11,689,512 parameters. */
  public static ResNet resnet18() {
    return imageNet("resnet18", 2, 2, 2, 2).build();
  }

  /** ResNet-34 in torchvision's layout, 21,797,672 parameters. */
  public static ResNet resnet34() {
    return imageNet("resnet34", 3, 4, 6, 3).build();
  }

  /** ResNet-50 in torchvision's layout, 25,557,032 parameters. */
  public static ResNet resnet50() {
    return imageNet("resnet50", 3, 4, 6, 3).bottleneck().build();
  }

  /** ResNet-101 in torchvision's layout, 44,549,160 parameters. */
  public static ResNet resnet101() {
    return imageNet("resnet101", 3, 4, 23, 3).bottleneck().build();
  }

  private static ResNet.Builder imageNet(String name, int... blocks) {
    ResNet.Builder builder = ResNet.builder(name).maxPool();
    for (int i = 0; i < blocks.length; i++) {
      builder.stage(64 << i, blocks[i], i == 0 ? 1 : 2);
    }
    return builder;
  }

  /**
   * A network that trains in seconds on a CPU: 1 x 32 x 32, 10 classes, 77,754 parameters of which
   * 77,072 convolution and linear weights; a first convolution of stride 2 and one block each of
   * 16, 32 and 64 channels.
   */
  public static ResNet small() {
    return ResNet.builder("resnet-small")
        .input(1, 32, 32)
        .stem(16, 3, 2)
        .stage(16, 1, 1)
        .stage(32, 1, 2)
        .stage(64, 1, 2)
        .classes(10)
        .build();
  }
}
