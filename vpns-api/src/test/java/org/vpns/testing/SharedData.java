package org.vpns.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Large files beside the checkout, below the folder of system property {@code vpns.shared}. */
public final class SharedData {
  private static final String REMEDY =
      " is not part of the repository, because its licence does not allow passing it on; get it as"
          + " docs/data.md says and name its folder with -Dvpns.shared";

  private SharedData() {}

  /** The file or folder, or skips the running test if it is not there. */
  public static Path require(String relativePath) {
    String root = System.getProperty("vpns.shared");
    // No failure: whoever has the repository alone cannot have these files and shall pass its
    // tests. What they check, fixtures of the repository check on small networks.
    Assumptions.assumeTrue(
        root != null, "system property vpns.shared is not set; " + relativePath + REMEDY);
    Path path = Path.of(root).resolve(relativePath);
    // The same where the folder is there and holds only some of the files.
    Assumptions.assumeTrue(Files.exists(path), "no " + path + "; it" + REMEDY);
    return path;
  }
}
