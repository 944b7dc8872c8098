package org.vpns.internal.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** What is written to a file; where the disk fails, which says nothing of files, names it. */
final class FileOutput extends OutputStream {
  private final Path file;
  private final OutputStream disk;

  /**
   * Of one file.
   *
   * @param file for the message
   * @param disk where its bytes go
   */
  FileOutput(Path file, OutputStream disk) {
    this.file = file;
    this.disk = disk;
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int begin, int length) throws IOException {
    try {
      disk.write(bytes, begin, length);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      disk.flush();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** A file that the disk does not take. */
  static IOException unwritable(Path file, IOException cause) {
    return WriteFailure.told(
        "file cannot be written",
        file,
        "a disk that takes it",
        cause,
        "what stood there before still does");
  }
}
