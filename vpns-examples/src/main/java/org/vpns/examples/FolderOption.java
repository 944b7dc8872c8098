package org.vpns.examples;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a main that can be stopped leaves its results. */
public final class FolderOption {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      order = 900,
      description =
          "Folder for results; what was stopped goes on there (default: ${DEFAULT-VALUE}).")
  private Path folder;

  /** With a folder for who names none. */
  public FolderOption(String folder) {
    this.folder = Path.of(folder);
  }

  /** The folder, which need not exist. */
  public Path path() {
    return folder;
  }
}
