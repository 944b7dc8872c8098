package org.vpns.internal.io;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names under which something is written until it is whole: {@code .name.<uuid>.tmp}. A file is
 * locked while its writer lives, for a folder the lock of its name is; what is not locked was left
 * by a process that was killed.
 */
public final class Temporaries {
  private static final Pattern NAME =
      Pattern.compile(
          "\\.(.+)\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.tmp",
          Pattern.DOTALL);

  private Temporaries() {}

  /** A new name for what will be called so. */
  static Path newName(Path folder, String name) {
    return folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp");
  }

  /** Deletes what killed processes left in a folder. What cannot be deleted stays. */
  public static void sweep(Path folder) throws IOException {
    sweep(folder, null);
  }

  /**
   * The same.
   *
   * @param own a name whose lock the caller has, or null
   */
  static void sweep(Path folder, @Nullable String own) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> list = Files.newDirectoryStream(folder, ".*.tmp")) {
      list.forEach(found::add);
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path path : found) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (name.matches()) {
        sweep(path, folder, name.group(1), own);
      }
    }
  }

  @SuppressWarnings("EmptyCatch")
  private static void sweep(Path path, Path folder, String name, @Nullable String own) {
    try {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        deleteIfFree(path, path);
      } else if (name.equals(own)) {
        delete(path);
      } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        deleteIfFree(path, FolderLock.file(folder, name));
      }
    } catch (IOException ignored) {
      // somebody else is at it, or may do what this process may not
    }
  }

  private static void deleteIfFree(Path path, Path lock) throws IOException {
    FileClaim claim = FileClaim.take(lock);
    if (claim != null) {
      try {
        if (claim.isLocked()) {
          delete(path);
        }
      } finally {
        if (path.equals(lock)) {
          claim.close();
        } else {
          claim.delete();
        }
      }
    }
  }

  /** Deletes what was written until something failed; what that throws goes with the failure. */
  static void delete(Path path, Throwable failure) {
    try {
      delete(path);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Deletes a file, or a folder of files, if it is there. Links are not followed. */
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> list = Files.newDirectoryStream(path)) {
        list.forEach(files::add);
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.deleteIfExists(path);
  }
}
