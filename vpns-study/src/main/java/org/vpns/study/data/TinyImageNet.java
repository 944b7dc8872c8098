package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tiny ImageNet: {@code wnids.txt} names the classes, {@code train/<class>/images} has their
 * pictures; of {@code val/images}, {@code val/val_annotations.txt} says file and class. The test
 * pictures of the archive have no labels, so validation is for testing, as in the paper.
 */
final class TinyImageNet {
  private TinyImageNet() {}

  static StoredImages.Split read(Path root) throws IOException {
    SetFolder folder =
        SetFolder.open(
            "Tiny ImageNet", root, "wnids.txt", "train", "val/val_annotations.txt", "val/images");
    List<String> classes = folder.classNames("wnids.txt").stream().sorted().toList();
    StoredImages train = ClassTree.read(root.resolve("train"), classes, "images/");
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (String[] row : folder.table("val/val_annotations.txt", 2)) {
      int label = classes.indexOf(row[1]);
      if (label < 0) {
        throw folder.damaged("val/val_annotations.txt", "a class of wnids.txt", row[1]);
      }
      names.add(row[0]);
      labels.add(label);
    }
    return new StoredImages.Split(
        train, null, folder.listed("validation", "val/images", names, labels, classes));
  }
}
