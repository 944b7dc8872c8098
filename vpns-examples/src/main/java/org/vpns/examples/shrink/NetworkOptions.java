package org.vpns.examples.shrink;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options of a main that say where the network comes from. */
public final class NetworkOptions {
  @Parameters(
      paramLabel = "FILE",
      description = "The network: .onnx, or weights (.pth, .safetensors).")
  private Path file = Path.of("");

  @Option(
      names = "--architecture",
      paramLabel = "NAME",
      description = "What a file of weights goes into, such as resnet18.")
  private @Nullable String architecture;

  @Option(names = "--classes", paramLabel = "N", description = "Outputs of the architecture.")
  private @Nullable Integer classes;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "Height and width of an image (default: the file's or architecture's).")
  private @Nullable Integer size;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description =
          "What names in a file of weights begin with, such as module. with its dot; left out.")
  private @Nullable String prefix;

  /** The file. */
  Path file() {
    return file;
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if file and options do not go together
   */
  public GivenNetwork open() throws IOException {
    return GivenNetwork.read(file, architecture, size, classes, prefix);
  }
}
