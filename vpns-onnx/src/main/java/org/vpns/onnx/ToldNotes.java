package org.vpns.onnx;

import com.google.common.cache.CacheBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.Set;

/**
 * Which notes were told of which files: a study reads its network anew for each run, and once is
 * enough, until the file is written anew. Of more notes than it has room for, those told longest
 * ago are forgotten, and told again. Safe to share between threads.
 */
final class ToldNotes {
  private final Set<Note> told;

  /**
   * @param most how many notes are remembered
   */
  ToldNotes(long most) {
    told =
        Collections.newSetFromMap(
            CacheBuilder.newBuilder().maximumSize(most).<Note, Boolean>build().asMap());
  }

  /** A note of a file as it is. */
  private record Note(Path file, FileTime written, long bytes, String text) {}

  /**
   * Whether this note of this file was not told before; from then on it was.
   *
   * @throws IOException if the file cannot be looked at
   */
  boolean isNew(Path file, String text) throws IOException {
    BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
    return told.add(
        new Note(file.toAbsolutePath().normalize(), found.lastModifiedTime(), found.size(), text));
  }
}
