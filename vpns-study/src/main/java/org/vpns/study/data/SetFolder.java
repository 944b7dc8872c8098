package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.TextFile;
import org.vpns.io.FormatException;

/** The folder of a published set, and what it must have. */
record SetFolder(String set, Path root) {
  /** Longest list, in bytes: those of the sets that are read have a few million. */
  private static final int LONGEST = 1 << 26;

  private static final int MOST_SHOWN = 12;
  private static final int MOST_LOOKED_INTO = 1000;

  /**
   * Looks whether the folder is the set's.
   *
   * @param inside alternatives are not asked for: each must be there
   * @throws FormatException names what is missing and what is there instead
   */
  static SetFolder open(String set, Path root, String... inside) throws IOException {
    SetFolder folder = new SetFolder(set, root);
    for (String name : inside) {
      folder.require(name);
    }
    return folder;
  }

  /** A file or folder that must be there. */
  Path require(String name) throws IOException {
    Path path = root.resolve(name);
    if (!Files.exists(path)) {
      throw wrong(name);
    }
    return path;
  }

  /** A file that must be there. */
  Path requireFile(String name) throws IOException {
    return InputFile.require(require(name), "a file of " + set);
  }

  /** The refusal of a folder without something. */
  FormatException wrong(String expected) throws IOException {
    String found = Files.exists(root) ? "a file" : "no such folder";
    if (Files.isDirectory(root)) {
      try (Stream<Path> entries = Files.list(root)) {
        List<String> names =
            entries.map(p -> String.valueOf(p.getFileName())).sorted().limit(MOST_SHOWN).toList();
        found = names.isEmpty() ? "an empty folder" : String.join(", ", names);
      }
    }
    return new FormatException(
        "not the folder of " + set, root.toString(), expected, found, remedy(expected));
  }

  /** Archives have a folder of their own inside, or not. */
  private String remedy(String expected) throws IOException {
    List<Path> near = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> entries = Files.list(root)) {
        entries.filter(Files::isDirectory).sorted().limit(MOST_LOOKED_INTO).forEach(near::add);
      }
    }
    Path above = root.toAbsolutePath().getParent();
    if (above != null) {
      near.add(above);
    }
    for (Path folder : near) {
      if (Files.exists(folder.resolve(expected))) {
        return "name " + folder + ", which has it";
      }
    }
    return "unpack its archives again, or name the folder that has " + expected;
  }

  /** Lines of a text file, without those that are empty. */
  List<String> lines(String file) throws IOException {
    return TextFile.read(requireFile(file), LONGEST)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** Names of classes, a line of a text file each. */
  List<String> classNames(String file) throws IOException {
    List<String> lines = lines(file);
    if (lines.isEmpty()) {
      throw damaged(file, "names, one a line", "none");
    }
    return distinct(file, lines);
  }

  /**
   * Names of classes, no two of them alike.
   *
   * @param file that has them
   */
  List<String> distinct(String file, Collection<String> names) throws FormatException {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw damaged(file, "each name once", name + " twice");
      }
    }
    return List.copyOf(names);
  }

  /** Lines of a text file cut at white space, each of at least so many words. */
  List<String[]> table(String file, int columns) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : lines(file)) {
      String[] words = line.split("\\s+");
      if (words.length < columns) {
        throw damaged(file, "lines of " + columns + " words", line);
      }
      rows.add(words);
    }
    return rows;
  }

  /** A whole text file. */
  String text(String file) throws IOException {
    return TextFile.read(requireFile(file), LONGEST);
  }

  /** A number of a class that counts from 1, as a label. */
  int label(String file, String number, int classes) throws FormatException {
    try {
      int label = Integer.parseInt(number) - 1;
      if (label >= 0 && label < classes) {
        return label;
      }
    } catch (NumberFormatException e) { // told below
    }
    throw damaged(file, "a class from 1 to " + classes, number);
  }

  /** The refusal of what a file says. */
  FormatException damaged(String file, Object expected, Object found) {
    return new FormatException(
        "file of " + set + " is not what it should be",
        root.resolve(file).toString(),
        expected,
        found,
        "fetch it again");
  }

  /**
   * Pictures that a file of the set names.
   *
   * @param part such as {@code training}
   * @param inside folder that the names are relative to
   */
  StoredImages listed(
      String part, String inside, List<String> names, int[] labels, List<String> classNames)
      throws IOException {
    Path pictures = require(inside);
    if (names.isEmpty()) {
      throw new FormatException(
          "no images", set + ", " + part, "at least 1", 0, "fetch the set's lists again");
    }
    PictureFiles files = new PictureFiles(pictures, List.copyOf(names), true);
    try {
      if (!Files.exists(pictures.resolve(names.get(0)))) {
        throw wrong(inside + "/" + names.get(0));
      }
    } catch (InvalidPathException e) {
      throw damaged(inside, "names of files in the list of " + part, names.get(0));
    }
    return StoredImages.of(set + ", " + part, files, labels, classNames);
  }

  /** As {@link #listed(String, String, List, int[], List)}, of labels in a list. */
  StoredImages listed(
      String part, String inside, List<String> names, List<Integer> labels, List<String> classes)
      throws IOException {
    return listed(part, inside, names, labels.stream().mapToInt(i -> i).toArray(), classes);
  }

  /** Names of classes that have none: numbers from 1. */
  static List<String> numbered(int classes) {
    String[] names = new String[classes];
    Arrays.setAll(names, i -> Integer.toString(i + 1));
    return List.of(names);
  }
}
