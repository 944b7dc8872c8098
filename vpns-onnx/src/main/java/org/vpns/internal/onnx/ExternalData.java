package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.io.FormatException;

/**
 * Finds tensor data in files beside the model. A location must be a relative path that stays, links
 * resolved, in the model's folder; all tensors together may not be larger than the files that they
 * name, so overlapping regions cannot blow up a small file.
 */
final class ExternalData {
  private final @Nullable Path folder;
  private final Map<Path, Long> sizes = new HashMap<>();
  private long claimed;

  /** Bytes of another file. */
  record Region(Path file, long offset, long length) {}

  /**
   * @param folder the model's folder, or null if there is none
   */
  ExternalData(@Nullable Path folder) {
    this.folder = folder;
  }

  /**
   * The region of a tensor.
   *
   * @param bytes how many bytes the tensor has
   * @throws FormatException if the entries break the rules above
   */
  Region find(List<StringStringEntryProto> entries, long bytes, String where) throws IOException {
    Map<String, String> byKey = new HashMap<>();
    for (StringStringEntryProto entry : entries) {
      if (byKey.put(entry.getKey(), entry.getValue()) != null) {
        throw bad("key given twice", where, "each key once", "'" + entry.getKey() + "' twice");
      }
    }
    Path file = file(byKey.get("location"), where);
    long size = sizes.computeIfAbsent(file, f -> -1L);
    if (size < 0) {
      size = Files.size(file);
      sizes.put(file, size);
    }
    long offset = number(byKey.get("offset"), 0, "offset", where);
    long length = number(byKey.get("length"), bytes, "length", where);
    if (length != bytes) {
      throw bad("length does not fit the shape", where, bytes + " bytes", length);
    }
    if (offset > size || length > size - offset) {
      throw bad(
          "region past the end of its file",
          where,
          "at most " + size + " bytes in " + file.getFileName(),
          length + " bytes from byte " + offset);
    }
    claimed += length;
    long available = sizes.values().stream().mapToLong(Long::longValue).sum();
    if (claimed > available) {
      throw bad(
          "regions overlap", where, "at most " + available + " bytes in all", claimed + " bytes");
    }
    return new Region(file, offset, length);
  }

  private Path file(@Nullable String location, String where) throws IOException {
    if (folder == null) {
      throw bad("model without a folder", where, "all data in the model", "data in another file");
    }
    if (location == null || location.isEmpty()) {
      throw bad("no location", where, "a file name", "none");
    }
    Path root = folder.toRealPath();
    Path file;
    try {
      // Windows separators are no separators elsewhere and would hide a way out
      Path relative = Path.of(location);
      if (relative.isAbsolute() || location.indexOf('\\') >= 0 || location.startsWith("/")) {
        throw outside(where, location);
      }
      file = root.resolve(relative).normalize();
    } catch (InvalidPathException e) {
      throw bad("location is no path", where, "a file name", "'" + location + "'");
    }
    if (!file.startsWith(root)) {
      throw outside(where, location);
    }
    if (!Files.isRegularFile(file)) {
      throw bad("file is missing", where, "'" + location + "' beside the model", "none");
    }
    Path real = file.toRealPath();
    if (!real.startsWith(root)) {
      throw outside(where, location);
    }
    return real;
  }

  private static FormatException outside(String where, String location) {
    return bad(
        "location outside the model's folder", where, "a relative path", "'" + location + "'");
  }

  private static long number(@Nullable String text, long otherwise, String key, String where)
      throws FormatException {
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("0|[1-9][0-9]{0,17}")) {
      throw bad(key + " is no count", where, "an integer from 0", "'" + text + "'");
    }
    return Long.parseLong(text);
  }

  private static FormatException bad(String what, String where, Object expected, Object found) {
    return new FormatException(
        "external data: " + what,
        where,
        expected,
        found,
        "keep the model and its data files together as they were written");
  }
}
