package org.vpns.internal.runtime.prepared;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.internal.runtime.plan.Program;

/** Programs that were written and read. */
public final class KeptProgram {
  private KeptProgram() {}

  /** The same program by way of a file. */
  public static Program of(Program program) throws IOException {
    Path file = Files.createTempFile("program", ".sparse");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        new RecordWriter(out).write(program);
      }
      try (FileChannel channel = FileChannel.open(file)) {
        RecordReader reader = new RecordReader(channel, 0, channel.size(), "kept");
        Program kept = reader.read(Program.class);
        reader.requireEnd();
        return kept;
      }
    } finally {
      Files.delete(file);
    }
  }
}
