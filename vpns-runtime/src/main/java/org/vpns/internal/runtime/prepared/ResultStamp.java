package org.vpns.internal.runtime.prepared;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.predict.NetworkText;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.io.FormatException;

/**
 * What tells one result from another: length and CRC-32 of each file that its predictions depend
 * on. CRC-32C would not do: parts of a mask file end with their own, which makes that of the whole
 * the same for all of one length.
 *
 * @param files such as {@code model.json, 737 bytes, CRC-32 0badcafe}
 */
public record ResultStamp(List<String> files) {
  private static final int PIECE = 1 << 18;

  private static final List<String> NAMES =
      List.of(
          ResultDescription.NAME,
          NetworkText.NAME,
          ResultFiles.MASKS,
          ResultFiles.WEIGHTS,
          ResultFiles.PROMPT);

  /** Of a folder as it is now. */
  public static ResultStamp of(Path folder) throws IOException {
    List<String> files = new ArrayList<>();
    for (String name : NAMES) {
      if (Files.exists(folder.resolve(name))) {
        ResultFiles.requireFile(folder, name);
        files.add(of(folder.resolve(name), name));
      }
    }
    return new ResultStamp(List.copyOf(files));
  }

  private static String of(Path file, String name) throws IOException {
    return FileBytes.with(
        file,
        channel -> {
          long size = channel.size();
          long sum = checksum(new CRC32(), channel, size);
          return name + ", " + size + " bytes, CRC-32 " + HexFormat.of().toHexDigits((int) sum);
        });
  }

  /** Of a file's first bytes. */
  static long checksum(Checksum sum, FileChannel channel, long end) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    for (long at = 0; at < end; at += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, end - at));
      FileBytes.fill(channel, piece, at);
      sum.update(piece);
    }
    return sum.getValue();
  }

  /**
   * Refuses another result.
   *
   * @param found what the result is now
   * @param file that was made of this one
   */
  void require(ResultStamp found, Path file) throws FormatException {
    if (!files.equals(found.files)) { // a record's own equals is made when it is first called
      List<String> news = new ArrayList<>(found.files());
      news.removeAll(files);
      List<String> olds = new ArrayList<>(files);
      olds.removeAll(found.files());
      throw new FormatException(
          "prepared form of another result", file.toString(), olds, news, PreparedFile.REMEDY);
    }
  }
}
