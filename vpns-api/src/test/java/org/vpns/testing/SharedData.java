package org.vpns.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Large files beside the checkout, below the folder of system property {@code vpns.shared}. */
public final class SharedData {
  private SharedData() {}

  /** The file or folder, or skips the running test if it is not there. */
  public static Path require(String relativePath) {
    String root = System.getProperty("vpns.shared");
    Assumptions.assumeTrue(
        root != null, "skipped: system property vpns.shared is not set; needs " + relativePath);
    Path path = Path.of(root).resolve(relativePath);
    Assumptions.assumeTrue(
        Files.exists(path), "skipped: no " + relativePath + " in the folder of vpns.shared");
    return path;
  }
}
