package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.io.WriteFailure;

/** Where a program that is no study puts its results. */
public final class OutFolder {
  private OutFolder() {}

  /**
   * Makes sure, before any work is done, that the folder can be written, and that nobody else does
   * until the lock is closed.
   *
   * @throws IllegalStateException if another process is writing there
   * @throws IOException if the folder cannot be made or written
   */
  public static FolderLock lock(Path folder) throws IOException {
    try {
      return FolderLock.take(folder, "results");
    } catch (IOException e) {
      throw WriteFailure.told(
          "results cannot be written", folder, "a folder to write into", e, "--out names it");
    }
  }
}
