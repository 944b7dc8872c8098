package org.vpns.internal.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.vpns.Problem;

/**
 * Writes files that are seen whole or not at all: the content goes to a temporary name in the same
 * folder, is synced to the disk and then renamed over the target. Temporary files that killed
 * processes left in the folder are deleted.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /**
   * Writes a file. An existing file is replaced; if anything fails it stays as it was and the
   * temporary file is deleted.
   *
   * @param content writes the bytes to a buffered stream, which need not be flushed or closed
   * @throws NoSuchFileException if the folder does not exist
   * @throws FileAlreadyExistsException if there is a folder of that name
   * @throws IOException if writing fails, or the content's own exception
   */
  public static void write(Path target, IoConsumer<OutputStream> content) throws IOException {
    Path whole = target.toAbsolutePath();
    Path folder = whole.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new NoSuchFileException(
          target.toString(),
          null,
          Problem.message(
              "no folder to write into",
              target.toString(),
              "a folder " + folder,
              "none",
              "create it first"));
    }
    if (Files.isDirectory(whole, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          target.toString(),
          null,
          Problem.message(
              "folder in the place of a file",
              target.toString(),
              "a file, or nothing yet",
              "a folder",
              "name a file in it, or move it"));
    }
    Temporaries.sweep(folder);
    Path temporary = Temporaries.newName(folder, whole.getFileName().toString());
    try (FileClaim claim = claim(temporary, target)) {
      try {
        OutputStream disk = new FileOutput(target, Channels.newOutputStream(claim.channel()));
        OutputStream stream = new BufferedOutputStream(disk, 1 << 16);
        content.accept(stream);
        stream.flush();
        sync(claim.channel(), target);
        move(temporary, whole, target);
      } catch (Throwable failure) {
        Temporaries.delete(temporary, failure);
        throw failure;
      }
    }
    syncFolder(folder);
  }

  /** Writes a text file in UTF-8, in the same way. */
  public static void writeText(Path target, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(target, out -> out.write(bytes));
  }

  private static FileClaim claim(Path temporary, Path target) throws IOException {
    try {
      return FileClaim.create(temporary);
    } catch (IOException e) {
      throw FileOutput.unwritable(target, e);
    }
  }

  private static void move(Path temporary, Path whole, Path target) throws IOException {
    try {
      Files.move(
          temporary, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw FileOutput.unwritable(target, e);
    }
  }

  private static void sync(FileChannel channel, Path target) throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) { // some file systems learn only now that there is no room
      throw FileOutput.unwritable(target, e);
    }
  }

  /** Makes the rename itself durable; some systems cannot open a folder, which is no failure. */
  @SuppressWarnings("EmptyCatch")
  static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException ignored) {
      // The file is complete and in place; only a power cut right now could undo the rename.
    }
  }
}
