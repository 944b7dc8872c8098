package org.vpns.internal.io;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.vpns.Problem;

/**
 * Writes a folder of files that belong together, so that files of two writings are never taken for
 * one: the last of its names stands for completeness.
 *
 * <p>All files are written under a temporary name first; if that fails, a folder that was there is
 * as it was. A new folder then appears by one rename. In a folder that exists the last file is
 * deleted, the others are replaced by renames and the last one comes back with the new content; a
 * machine that stops within these few renames leaves a folder without its last file, and the rest
 * of the new files in its subfolder {@code .*.tmp}, which the next writing deletes. Files of other
 * names are not touched.
 */
public final class AtomicFolder {
  /** What a folder that is there is called within itself. */
  private static final String OWN = "result";

  private final ImmutableList<String> names;

  private AtomicFolder(ImmutableList<String> names) {
    this.names = names;
  }

  /** For files of the given names; a folder that has the last one is complete. */
  public static AtomicFolder of(String... names) {
    return new AtomicFolder(ImmutableList.copyOf(names));
  }

  /**
   * Writes the folder. Parent folders are created; files of its names that the content does not
   * write are deleted.
   *
   * @param content writes files into the folder that it is given, the last name among them
   * @throws IllegalStateException if another process, or another thread, is writing it
   * @throws FileAlreadyExistsException if a folder is in the place of a file; nothing is changed
   * @throws IOException if writing fails, or the content's own exception
   */
  @SuppressWarnings("try") // the lock is held, not used
  public void write(Path target, IoConsumer<Path> content) throws IOException {
    Path whole = target.toAbsolutePath().normalize();
    requireFree(whole);
    while (true) {
      boolean there = Files.exists(whole);
      if (!there && Files.isSymbolicLink(whole)) {
        throw unwritable(whole, new FileAlreadyExistsException(whole.toString()));
      }
      Path home = there ? whole : parent(whole);
      String name = there ? OWN : String.valueOf(whole.getFileName());
      try (FolderLock lock = lock(home, name, whole)) {
        if (there != Files.exists(whole)) {
          continue; // another process was a moment ahead
        }
        Temporaries.sweep(home, name);
        Path temporary = temporary(home, name, whole);
        writeAlone(whole, there, temporary, content);
        AtomicFiles.syncFolder(home);
        return;
      }
    }
  }

  /**
   * Deletes the files of its names, the last name first, and the folder if nothing else is in it.
   *
   * @throws IllegalStateException if another process, or another thread, is writing it
   * @throws IOException if a file cannot be deleted
   */
  @SuppressWarnings("try") // the lock is held, not used
  public void delete(Path target) throws IOException {
    Path whole = target.toAbsolutePath().normalize();
    requireFree(whole);
    try (FolderLock lock = lock(whole, OWN, whole)) {
      Temporaries.sweep(whole, OWN);
      for (String name : names.reverse()) {
        Files.deleteIfExists(whole.resolve(name));
      }
    }
    boolean empty;
    try (Stream<Path> left = Files.list(whole)) {
      empty = left.findAny().isEmpty();
    }
    if (empty) {
      Files.delete(whole);
    }
  }

  private void writeAlone(Path whole, boolean there, Path temporary, IoConsumer<Path> content)
      throws IOException {
    try {
      content.accept(temporary);
      if (there) {
        replace(whole, temporary);
      } else {
        AtomicFiles.syncFolder(temporary);
        Files.move(temporary, whole, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (Throwable failure) {
      Temporaries.delete(temporary, failure);
      throw failure;
    }
    Temporaries.delete(temporary);
  }

  /**
   * Whether a writer may be at a folder that has lost its last file; a killed one may have been.
   */
  static boolean mayBeBeingWritten(Path folder) {
    return Files.exists(FolderLock.file(folder, OWN));
  }

  private static FolderLock lock(Path home, String name, Path whole) throws IOException {
    try {
      return FolderLock.take(home, name);
    } catch (IOException e) {
      throw unwritable(whole, e);
    }
  }

  private static Path temporary(Path home, String name, Path whole) throws IOException {
    try {
      return Files.createDirectory(Temporaries.newName(home, name));
    } catch (IOException e) {
      throw unwritable(whole, e);
    }
  }

  private static IOException unwritable(Path folder, IOException e) {
    return WriteFailure.told("folder cannot be written", folder, "a folder to write into", e, null);
  }

  private static Path parent(Path folder) {
    Path parent = folder.getParent();
    return parent == null ? folder : parent;
  }

  private void requireFree(Path folder) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(
            file.toString(),
            null,
            Problem.message(
                "folder in the place of a file", file.toString(), "a file", "a folder", "move it"));
      }
    }
  }

  private void replace(Path folder, Path temporary) throws IOException {
    String last = names.get(names.size() - 1);
    Files.deleteIfExists(folder.resolve(last));
    AtomicFiles.syncFolder(folder);
    for (String name : names) {
      Path file = temporary.resolve(name);
      if (Files.exists(file)) {
        Files.move(
            file,
            folder.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.deleteIfExists(folder.resolve(name));
      }
      if (name.equals(names.get(names.size() - 2))) {
        // the last name must not reach the disk before the others
        AtomicFiles.syncFolder(folder);
      }
    }
  }
}
