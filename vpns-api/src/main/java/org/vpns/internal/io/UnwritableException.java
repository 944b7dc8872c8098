package org.vpns.internal.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file or folder that could not be written, as {@link WriteFailure#told} says it. */
public final class UnwritableException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Path where;

  UnwritableException(String message, Path where, IOException cause) {
    super(message, cause);
    this.where = where;
  }

  /**
   * The one among a failure and its causes that tells of a place in a folder, or of the folder;
   * null if there is none.
   */
  public static @Nullable UnwritableException in(Path folder, Throwable failure) {
    Path whole = folder.toAbsolutePath().normalize();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof UnwritableException told
          && told.where.toAbsolutePath().normalize().startsWith(whole)) {
        return told;
      }
    }
    return null;
  }
}
