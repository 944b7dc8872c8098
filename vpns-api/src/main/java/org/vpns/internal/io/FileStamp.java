package org.vpns.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What tells a file from another one that has taken its place. */
record FileStamp(@Nullable Object key, FileTime modified, long size) {
  /** Of the file that has the name now; null if there is none. */
  static @Nullable FileStamp of(Path file) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(found.fileKey(), found.lastModifiedTime(), found.size());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Written out: a record's own is made when it is first called, while a service starts. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FileStamp stamp
        && size == stamp.size
        && modified.equals(stamp.modified)
        && Objects.equals(key, stamp.key);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, modified, size);
  }
}
