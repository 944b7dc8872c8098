package org.vpns.examples;

import ai.djl.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.model.ResNets;

/**
 * The network that the quick start prunes: {@link ResNets#small()}, trained by {@link
 * PretrainSource} on Fashion-MNIST.
 */
public final class SourceNetwork {
  static final String RESOURCE = "source-fashion-mnist.safetensors";

  /** Mean and deviation of the pixels of Fashion-MNIST, in [0, 1]. */
  private static final float MEAN = 0.286f;

  private static final float DEVIATION = 0.353f;

  private SourceNetwork() {}

  /** One grey channel, 32 x 32, normalised as the network was trained; images fill the canvas. */
  public static ImageInput input() {
    return ImageInput.of(1, 32, 32).normalisation(new float[] {MEAN}, new float[] {DEVIATION});
  }

  /**
   * A fresh copy of the trained network; the caller closes it.
   *
   * @throws IOException if the weights are missing
   */
  public static Model load() throws IOException {
    Path file = Files.createTempFile("vpns-source", ".safetensors");
    try (InputStream in = SourceNetwork.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException(
            Problem.message(
                "weights missing",
                RESOURCE,
                "a resource beside the classes of vpns-examples",
                "none",
                "build vpns-examples whole, or make them with PretrainSource"));
      }
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return ResNets.small().load(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
