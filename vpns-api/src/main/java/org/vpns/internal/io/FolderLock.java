package org.vpns.internal.io;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * A folder, or a part of it, that one run writes into. The lock is a file of the folder, which goes
 * when the lock is let go; one that a killed process left behind is no hindrance.
 */
public final class FolderLock implements AutoCloseable {
  private static final int TRIES = 20;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Path folder;
  private final boolean made;
  private final FileClaim claim;

  private FolderLock(Path folder, boolean made, FileClaim claim) {
    this.folder = folder;
    this.made = made;
    this.claim = claim;
  }

  /**
   * Takes the lock. The folder is made if need be, and goes again with the lock if it was and
   * nothing is in it.
   *
   * @param name of what is written, such as {@code checkpoint}
   * @throws IllegalStateException if another run has it, of this process or another
   * @throws IOException if the folder cannot be made or written into
   */
  public static FolderLock take(Path folder, String name) throws IOException {
    boolean made = !Files.exists(folder);
    Files.createDirectories(folder);
    FileClaim claim = patiently(file(folder, name));
    if (claim == null) {
      throw Problem.state(
          "folder in use",
          folder.toString(),
          "no other run that writes its " + name,
          "one under way, by the lock on " + file(folder, name).getFileName(),
          "wait until it has ended, or choose another folder");
    }
    return new FolderLock(folder, made, claim);
  }

  /** Who only looks for what killed processes left has the lock for a moment. */
  private static @Nullable FileClaim patiently(Path file) throws IOException {
    FileClaim claim = FileClaim.take(file);
    for (int i = 0; i < TRIES && claim == null; i++) {
      Uninterruptibles.sleepUninterruptibly(PAUSE);
      claim = FileClaim.take(file);
    }
    return claim;
  }

  static Path file(Path folder, String name) {
    return folder.resolve("." + name + ".lock");
  }

  /** A file that cannot be deleted stays, and keeps nobody out. */
  @Override
  @SuppressWarnings("EmptyCatch")
  public void close() {
    try {
      claim.delete();
      if (made) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException ignored) {
      // or the folder has something in it, as it should
    }
  }
}
