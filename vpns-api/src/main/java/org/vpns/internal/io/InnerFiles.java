package org.vpns.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.vpns.Problem;

/** Files that another file names, where that one is not trusted. */
public final class InnerFiles {
  private InnerFiles() {}

  /**
   * The real path of a file below a folder.
   *
   * @param name relative path as another file gives it: parts separated by {@code /}, none of them
   *     {@code .} or {@code ..}
   * @throws IOException if the name is of another form, or there is no such file, or it lies
   *     outside the folder once links are followed
   */
  public static Path resolve(Path folder, String name) throws IOException {
    Path relative;
    try {
      relative = Path.of(name);
    } catch (InvalidPathException e) {
      throw refused(folder, "a file name", name);
    }
    if (name.isEmpty() || name.indexOf('\\') >= 0 || relative.getRoot() != null) {
      throw refused(folder, "a relative path with /", name);
    }
    for (Path part : relative) {
      if (part.toString().equals(".") || part.toString().equals("..")) {
        throw refused(folder, "a path without . and ..", name);
      }
    }
    Path file = folder.resolve(relative);
    if (!Files.isRegularFile(file)) {
      throw refused(folder, "an existing file", name);
    }
    Path real = file.toRealPath();
    if (!real.startsWith(folder.toRealPath())) {
      throw refused(folder, "a file inside the folder", name + " (a link to outside)");
    }
    return real;
  }

  private static IOException refused(Path folder, String expected, String found) {
    String text = found.length() <= 120 ? found : found.substring(0, 120) + "...";
    return new IOException(
        Problem.message(
            "file outside its folder or missing",
            folder.toString(),
            expected,
            "'" + text + "'",
            "put the files that belong together into one folder"));
  }
}
