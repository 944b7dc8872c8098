package org.vpns.internal.network;

import com.google.common.hash.Hashing;
import com.google.common.hash.HashingInputStream;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.vpns.Problem;

/**
 * What a TorchScript module does when it runs, apart from the values of its tensors: its source,
 * which the engine writes alike however often a module was loaded and saved, and its constants.
 *
 * @param digests of the archive's files by their path below its folder, in lower case
 */
public record ScriptCode(Map<String, String> digests) {
  /** Bytes by which all files together may be more than their archive: source is compressed. */
  static final int MOST_UNPACKED = 1 << 26;

  /**
   * Of an archive.
   *
   * @throws IOException if it is no archive, or one in which two readers could find two files of
   *     one name, or one that unpacks to more than any module is
   */
  public static ScriptCode of(byte[] archive) throws IOException {
    Path file = Files.createTempFile("vpns", ".pt");
    try {
      Files.write(file, archive);
      return read(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static ScriptCode read(Path file) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String root = null;
      long left = Files.size(file) + MOST_UNPACKED;
      Map<String, String> seen = new TreeMap<>();
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String name = entry.getName().toLowerCase(Locale.ROOT);
        String folder = name.substring(0, name.indexOf('/') + 1);
        root = root == null ? folder : root;
        if (seen.put(name, name) != null || !folder.equals(root)) {
          throw new IOException(
              Problem.message(
                  "TorchScript module cannot be read",
                  entry.getName(),
                  "one folder of files with names of their own",
                  folder.equals(root) ? "it twice" : "a second folder",
                  "save it again"));
        }
        String path = name.substring(root.length());
        if (!isData(path)) {
          try (InputStream in = ByteStreams.limit(zip.getInputStream(entry), left);
              HashingInputStream hashing = new HashingInputStream(Hashing.sha256(), in)) {
            left -= ByteStreams.exhaust(hashing);
            digests.put(path, hashing.hash().toString());
          }
          if (left <= 0) {
            throw new IOException(
                Problem.message(
                    "TorchScript module cannot be read",
                    entry.getName(),
                    "at most " + MOST_UNPACKED + " bytes more than in the archive",
                    "more",
                    "save it again"));
          }
        }
      }
    }
    return new ScriptCode(digests);
  }

  /** Tensors, attributes, and notes for those who look for errors. */
  private static boolean isData(String path) {
    return path.startsWith("data/")
        || path.equals("data.pkl")
        || path.startsWith(".data/")
        || path.endsWith(".debug_pkl");
  }
}
