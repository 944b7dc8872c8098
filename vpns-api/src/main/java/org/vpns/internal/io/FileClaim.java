package org.vpns.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file that one process has to itself, by a lock that ends with the process, however that ends.
 * In a file system without locks it is had without one.
 */
final class FileClaim implements AutoCloseable {
  /**
   * Files that this JVM has. Asked before a file is opened, since closing a file in one place would
   * end the lock that the process has on it in another.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final Path key;
  private final FileChannel channel;
  private final boolean locked;

  private FileClaim(Path file, Path key, FileChannel channel, boolean locked) {
    this.file = file;
    this.key = key;
    this.channel = channel;
    this.locked = locked;
  }

  /** A new file. */
  static FileClaim create(Path file) throws IOException {
    while (true) {
      FileClaim claim = open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (claim != null && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return claim;
      }
      // somebody took it for left over before it had its lock, and is deleting it
      if (claim != null) {
        claim.close();
      }
    }
  }

  /** The file, made if need be; null if somebody else has it. */
  static @Nullable FileClaim take(Path file) throws IOException {
    while (true) {
      Object identity = identity(file);
      if (identity == null) {
        createIfMissing(file);
        continue;
      }
      FileClaim claim;
      try {
        claim = open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      } catch (NoSuchFileException e) {
        continue;
      }
      // a lock on a file that its last owner has just deleted keeps nobody out
      if (claim == null || identity.equals(identity(file))) {
        return claim;
      }
      claim.close();
    }
  }

  @SuppressWarnings("EmptyCatch")
  private static void createIfMissing(Path file) throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException ignored) {
      // by somebody else, a moment ago
    }
  }

  private static @Nullable FileClaim open(Path file, OpenOption... options) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path parent = absolute.getParent();
    Path key = parent == null ? absolute : parent.toRealPath().resolve(absolute.getFileName());
    if (!HELD.add(key)) {
      return null;
    }
    FileClaim claim = null;
    try {
      FileChannel channel = FileChannel.open(file, options);
      claim = lock(file, key, channel);
      return claim;
    } finally {
      if (claim == null) {
        HELD.remove(key);
      }
    }
  }

  private static @Nullable FileClaim lock(Path file, Path key, FileChannel channel)
      throws IOException {
    boolean kept = false;
    try {
      FileLock lock = channel.tryLock();
      kept = lock != null;
      return lock == null ? null : new FileClaim(file, key, channel, true);
    } catch (OverlappingFileLockException e) {
      return null;
    } catch (IOException e) {
      kept = true;
      return new FileClaim(file, key, channel, false);
    } finally {
      if (!kept) {
        channel.close();
      }
    }
  }

  /** What tells this file from another one of its name; null if there is none. */
  private static @Nullable Object identity(Path file) throws IOException {
    try {
      Object key =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
      return key == null ? "no key" : key; // where there is none, a file in use is not deleted
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** Whether the file system said that nobody else has it. */
  boolean isLocked() {
    return locked;
  }

  /** Deletes the file, if it is there still, and lets go of its name. */
  void delete() throws IOException {
    try {
      Files.deleteIfExists(file);
    } finally {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(key);
    }
  }
}
