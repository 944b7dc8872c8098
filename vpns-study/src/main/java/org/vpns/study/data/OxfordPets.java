package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Oxford-IIIT Pets: lines of {@code annotations/trainval.txt} and {@code annotations/test.txt} have
 * a picture's name, its class from 1 to 37, and two numbers more. Its file is {@code
 * images/<name>.jpg}; the class's name is what stands before the last {@code _}.
 */
final class OxfordPets {
  private OxfordPets() {}

  static StoredImages.Split read(Path root) throws IOException {
    String trainval = "annotations/trainval.txt";
    String test = "annotations/test.txt";
    SetFolder folder = SetFolder.open("Oxford-IIIT Pets", root, trainval, test, "images");
    List<String> classes = classes(folder, trainval);
    return new StoredImages.Split(
        part(folder, "trainval", trainval, classes), null, part(folder, "test", test, classes));
  }

  private static List<String> classes(SetFolder folder, String file) throws IOException {
    TreeMap<Integer, String> names = new TreeMap<>();
    for (String[] row : folder.table(file, 2)) {
      names.putIfAbsent(
          folder.label(file, row[1], Short.MAX_VALUE), className(folder, file, row[0]));
    }
    if (names.isEmpty() || names.lastKey() != names.size() - 1) {
      throw folder.damaged(file, "classes from 1 on without a gap", names.keySet());
    }
    return folder.distinct(file, names.values());
  }

  private static String className(SetFolder folder, String file, String picture)
      throws IOException {
    int end = picture.lastIndexOf('_');
    if (end < 1) {
      throw folder.damaged(file, "names such as Abyssinian_100", picture);
    }
    return title(picture.substring(0, end));
  }

  /** As torchvision writes it: {@code Great Pyrenees} of {@code great_pyrenees}. */
  private static String title(String name) {
    return Arrays.stream(name.split("_", -1))
        .map(OxfordPets::capital)
        .collect(Collectors.joining(" "));
  }

  private static String capital(String word) {
    return word.isEmpty()
        ? word
        : word.substring(0, 1).toUpperCase(Locale.ROOT)
            + word.substring(1).toLowerCase(Locale.ROOT);
  }

  private static StoredImages part(SetFolder folder, String part, String file, List<String> classes)
      throws IOException {
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (String[] row : folder.table(file, 2)) {
      int label = folder.label(file, row[1], classes.size());
      if (!className(folder, file, row[0]).equals(classes.get(label))) {
        throw folder.damaged(file, classes.get(label) + " for class " + row[1], row[0]);
      }
      names.add(row[0] + ".jpg");
      labels.add(label);
    }
    return folder.listed(part, "images", names, labels, classes);
  }
}
