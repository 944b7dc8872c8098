package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Describable Textures (DTD): for each of ten partitions {@code labels/train<n>.txt}, {@code
 * labels/val<n>.txt} and {@code labels/test<n>.txt} name pictures below {@code images}, each in the
 * folder of its class. Classes are in the order of their names.
 */
final class DescribableTextures {
  private DescribableTextures() {}

  static StoredImages.Split read(Path root, int partition) throws IOException {
    SetFolder folder = SetFolder.open("DTD", root, "images", "labels");
    List<String> train = folder.lines("labels/train" + partition + ".txt");
    List<String> validation = folder.lines("labels/val" + partition + ".txt");
    List<String> test = folder.lines("labels/test" + partition + ".txt");
    List<String> classes =
        train.stream().map(DescribableTextures::className).distinct().sorted().toList();
    return new StoredImages.Split(
        part(folder, "training", train, classes),
        part(folder, "validation", validation, classes),
        part(folder, "test", test, classes));
  }

  private static String className(String name) {
    return name.substring(0, Math.max(0, name.indexOf('/')));
  }

  private static StoredImages part(
      SetFolder folder, String part, List<String> names, List<String> classes) throws IOException {
    List<Integer> labels = new ArrayList<>();
    for (String name : names) {
      int label = classes.indexOf(className(name));
      if (label < 0 || className(name).isEmpty()) {
        throw folder.damaged(
            "labels", "class/picture, of the classes of training", name + " in " + part);
      }
      labels.add(label);
    }
    return folder.listed(part, "images", names, labels, classes);
  }
}
