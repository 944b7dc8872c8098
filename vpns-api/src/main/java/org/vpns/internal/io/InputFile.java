package org.vpns.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.vpns.Problem;

/** What to say where a file should be and there is none, or a folder. */
public final class InputFile {
  private static final int MAX_LISTED = 5;

  private InputFile() {}

  /**
   * Refuses what is no file.
   *
   * @param wanted what is looked for, as in "a file of weights"
   * @return the file
   * @throws NoSuchFileException if there is nothing, saying what lies beside it
   * @throws FileSystemException if it is a folder, saying what could be meant
   * @throws IOException if the folder cannot be read
   */
  public static Path require(Path file, String wanted) throws IOException {
    if (Files.isDirectory(file)) {
      boolean result = Files.exists(file.resolve("model.json"));
      throw new FileSystemException(
          Problem.message(
              result ? "result folder in place of a file" : "folder in place of a file",
              file.toString(),
              wanted,
              "a folder with " + listed(file, ""),
              result
                  ? "load it with PrunedModel.load(folder)"
                  : "pass the file inside that is meant"));
    }
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          Problem.message("no such file", file.toString(), wanted, beside(file), "check the path"));
    }
    return file;
  }

  private static String beside(Path file) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    while (folder != null && !Files.isDirectory(folder)) {
      folder = folder.getParent();
    }
    return folder == null
        ? "nothing"
        : "in " + folder + " only " + listed(folder, ending(String.valueOf(file.getFileName())));
  }

  private static String ending(String name) {
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  /** The first names; those with an ending come before others. */
  private static String listed(Path folder, String ending) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.limit(1000).forEach(file -> names.add(file.getFileName().toString()));
    }
    names.sort(
        Comparator.comparing((String name) -> !ending(name).equalsIgnoreCase(ending))
            .thenComparing(Comparator.naturalOrder()));
    if (names.isEmpty()) {
      return "no files";
    }
    int more = names.size() - MAX_LISTED;
    return String.join(", ", names.subList(0, Math.min(MAX_LISTED, names.size())))
        + (more > 0 ? " and " + more + (names.size() == 1000 ? " or more" : "") + " others" : "");
  }
}
