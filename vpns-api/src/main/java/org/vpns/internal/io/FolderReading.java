package org.vpns.internal.io;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Reads what {@link AtomicFolder} writes while others may write it anew: what is read is of one
 * writing. No lock is taken, so a folder that may only be read can be.
 */
public final class FolderReading {
  private static final int TURNS = 40;
  private static final Duration PAUSE = Duration.ofMillis(50);

  private FolderReading() {}

  /** To be asked when everything has been read, before anything is done with it. */
  @FunctionalInterface
  public interface Check {
    /**
     * Does nothing if all is of one writing.
     *
     * @throws IOException if it is not; the reading begins again if it lets it pass
     */
    void requireSame() throws IOException;
  }

  /** A reading of all files, from the beginning. */
  @FunctionalInterface
  public interface Reading<T> {
    /** Reads; called again if the folder was written meanwhile. */
    T read(Check check) throws IOException;
  }

  /**
   * Reads a folder.
   *
   * @param last name of the file that stands for completeness
   * @throws IOException what the reading throws of a folder that nobody is writing, or if it is
   *     written again and again
   */
  public static <T> T of(Path folder, String last, Reading<T> reading) throws IOException {
    for (int turn = 1; ; turn++) {
      FileStamp stamp = FileStamp.of(folder.resolve(last));
      if (stamp == null && turn < TURNS && AtomicFolder.mayBeBeingWritten(folder)) {
        Uninterruptibles.sleepUninterruptibly(PAUSE);
        continue;
      }
      try {
        return reading.read(() -> requireSame(folder, last, stamp));
      } catch (IOException | RuntimeException e) {
        if (turn >= TURNS || isSame(folder, last, stamp)) {
          throw e;
        }
      }
    }
  }

  private static boolean isSame(Path folder, String last, @Nullable FileStamp stamp)
      throws IOException {
    return Objects.equals(stamp, FileStamp.of(folder.resolve(last)));
  }

  private static void requireSame(Path folder, String last, @Nullable FileStamp stamp)
      throws IOException {
    if (!isSame(folder, last, stamp)) {
      throw new IOException(
          Problem.message(
              "folder was written while it was read",
              folder.toString(),
              "files of one writing",
              "those of two",
              "read it again when the writer has ended"));
    }
  }
}
