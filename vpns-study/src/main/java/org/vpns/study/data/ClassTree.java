package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.io.FormatException;

/** A folder per class, and in it, or in a folder of it, a picture per file. */
final class ClassTree {
  private final Path root;
  private final String below;
  private final List<String> names = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  private ClassTree(Path root, String below) {
    this.root = root;
    this.below = below;
  }

  /** With the given classes, or the names of the folders. */
  static StoredImages read(Path root, @Nullable List<String> classNames) throws IOException {
    return read(root, classNames, "");
  }

  /**
   * @param below where in a class's folder its pictures lie, such as {@code images/}
   */
  static StoredImages read(Path root, @Nullable List<String> classNames, String below)
      throws IOException {
    ClassFolders.requireReadable(root, entries(root).toList());
    ClassFolders.requireTargets(root, entries(root).map(root::resolve).toList());
    List<String> folders = entries(root).filter(n -> Files.isDirectory(root.resolve(n))).toList();
    if (folders.isEmpty()) {
      throw new FormatException(
          "no class", root.toString(), "one folder per class", "no folder", "check the path");
    }
    ClassFolders.requireNames(root, folders);
    List<String> classes = classNames == null ? folders : classNames;
    ClassFolders.requireSame(root, classes, folders);
    ClassTree tree = new ClassTree(root, below);
    for (int label = 0; label < classes.size(); label++) {
      tree.add(classes.get(label), label);
    }
    return StoredImages.of(
        root.toString(),
        new PictureFiles(root, List.copyOf(tree.names), false),
        tree.labels.stream().mapToInt(Integer::intValue).toArray(),
        classes);
  }

  private void add(String className, int label) throws IOException {
    Path folder = root.resolve(className).resolve(below);
    int before = names.size();
    List<String> files = entries(folder).toList();
    ClassFolders.requireReadable(folder, files);
    ClassFolders.requireTargets(folder, files.stream().map(folder::resolve).toList());
    for (String file : files) {
      if (Files.isDirectory(folder.resolve(file))) {
        throw ClassFolders.inner(folder, file);
      }
      names.add(className + "/" + below + file);
      labels.add(label);
    }
    if (names.size() == before) {
      throw new FormatException(
          "class without pictures",
          folder.toString(),
          "at least 1 picture",
          0,
          "remove the folder or fill it");
    }
  }

  /** Names in a folder in their order, but those that begin with a dot. */
  private static Stream<String> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(path -> String.valueOf(path.getFileName()))
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList()
          .stream();
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new FormatException(
              "no such folder",
              folder.toString(),
              "a folder",
              Files.exists(folder) ? "a file" : "nothing",
              "check the path")
          .causedBy(e);
    }
  }
}
