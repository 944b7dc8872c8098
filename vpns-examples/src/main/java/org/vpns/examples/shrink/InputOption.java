package org.vpns.examples.shrink;

import ai.djl.ndarray.types.Shape;
import org.vpns.ImageInput;
import picocli.CommandLine.Option;

/** How a network wants its images. */
public final class InputOption {
  @Option(
      names = "--imagenet",
      description = "The network wants images normalised as ImageNet's usually are.")
  private boolean imageNet;

  /**
   * Images as large as the network's.
   *
   * @param image shape of one, (channels, height, width)
   */
  public ImageInput of(Shape image) {
    ImageInput input = ImageInput.of((int) image.get(0), (int) image.get(1), (int) image.get(2));
    return imageNet ? input.imageNetNormalisation() : input;
  }
}
