package org.vpns.internal.runtime.prepared;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.io.FolderReading;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.io.FormatException;

/**
 * What {@link Prepared} is kept in, beside the result: magic, version, floats of a vector and a
 * checksum of what records consist of, each a little-endian int; the {@link ResultStamp}, then the
 * content; at the end the CRC-32C of all that.
 */
public final class PreparedFile {
  static final String REMEDY = "save the prepared form again, or delete it";

  private static final Logger LOG = LoggerFactory.getLogger(PreparedFile.class);

  private static final byte[] MAGIC = {(byte) 0x89, 'V', 'P', 'N', 'R', '\r', '\n', 0x1a};

  /** To be raised when a step's numbers mean something else than before. */
  private static final int VERSION = 1;

  private static final int HEADER = 20;

  private PreparedFile() {}

  /** Its name: machines with other vectors have files of their own. */
  public static String name() {
    return "prepared-" + Wide.LANES + ".sparse";
  }

  /**
   * Writes it; an existing one is replaced.
   *
   * @param stamp of the folder before the result was read
   * @return the file
   */
  public static Path write(Path folder, ResultStamp stamp, Prepared prepared) throws IOException {
    Path file = folder.resolve(name());
    AtomicFiles.write(
        file,
        out -> {
          CheckedOutputStream summed = new CheckedOutputStream(out, new CRC32C());
          summed.write(header().array());
          RecordWriter writer = new RecordWriter(summed);
          writer.write(stamp);
          writer.write(prepared);
          writeInt(out, (int) summed.getChecksum().getValue());
        });
    return file;
  }

  private static ByteBuffer header() {
    return ByteBuffer.allocate(HEADER)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putInt(VERSION)
        .putInt(Wide.LANES)
        .putInt(structure());
  }

  private static int structure() {
    CRC32C sum = new CRC32C();
    sum.update(Components.describe(Prepared.class).getBytes(StandardCharsets.UTF_8));
    return (int) sum.getValue();
  }

  private static void writeInt(OutputStream out, int value) throws IOException {
    out.write(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  /** What a folder holds for this machine; empty, and told in the log, if it does not fit. */
  public static Optional<Prepared> find(Path folder) {
    Path file = folder.resolve(name());
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          FolderReading.of(
              folder,
              ResultDescription.NAME,
              check -> {
                Prepared prepared = read(folder);
                check.requireSame();
                return prepared;
              }));
    } catch (IOException e) {
      LOG.warn("the result is planned anew: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Reads the file of a folder.
   *
   * @throws FormatException if it is damaged, of another result, for other vectors or of another
   *     version of this library
   */
  static Prepared read(Path folder) throws IOException {
    ResultFiles.requireFile(folder, name());
    Path file = folder.resolve(name());
    return FileBytes.with(file, channel -> read(channel, folder, file));
  }

  private static Prepared read(FileChannel channel, Path folder, Path file) throws IOException {
    long end = channel.size() - Integer.BYTES;
    requireHeader(channel, end, file);
    RecordReader reader = new RecordReader(channel, HEADER, end, file.toString());
    reader.read(ResultStamp.class).require(ResultStamp.of(folder), file);
    Prepared prepared = reader.read(Prepared.class);
    reader.requireEnd();
    String problem = prepared.description().problem();
    if (problem != null) {
      throw refused("prepared form damaged", file, "a sound description of the result", problem);
    }
    return prepared;
  }

  private static void requireHeader(FileChannel channel, long end, Path file) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    if (end >= HEADER) {
      FileBytes.fill(channel, found, 0);
    }
    if (!Arrays.equals(MAGIC, Arrays.copyOf(found.array(), MAGIC.length))) {
      throw refused("no prepared form", file, "one of at least " + HEADER + " bytes", "another");
    }
    ByteBuffer last = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FileBytes.fill(channel, last, end);
    int sum = (int) ResultStamp.checksum(new CRC32C(), channel, end);
    if (sum != last.getInt(0)) {
      throw refused("prepared form damaged", file, hex(last.getInt(0)), hex(sum));
    }
    int vectors = found.getInt(MAGIC.length + Integer.BYTES);
    if (vectors != Wide.LANES) {
      throw refused(
          "prepared form for other vectors", file, Wide.LANES + " floats", vectors + " floats");
    }
    if (!found.equals(header().flip())) {
      throw refused("prepared form of another version of vpns", file, VERSION, "another");
    }
  }

  private static String hex(int sum) {
    return "CRC-32C " + Integer.toHexString(sum);
  }

  private static FormatException refused(String what, Path file, Object expected, Object found) {
    return new FormatException(what, file.toString(), expected, found, REMEDY);
  }
}
