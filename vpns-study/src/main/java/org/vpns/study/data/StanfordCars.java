package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.internal.data.MatlabFile;

/**
 * Stanford Cars: {@code devkit/cars_meta.mat} has the {@code class_names}; {@code
 * devkit/cars_train_annos.mat} and {@code cars_test_annos_withlabels.mat} an array {@code
 * annotations} with the {@code fname} of a picture, below {@code cars_train} or {@code cars_test},
 * and its {@code class} from 1 on.
 */
final class StanfordCars {
  private static final String NAMES = "devkit/cars_meta.mat";
  private static final String TRAIN = "devkit/cars_train_annos.mat";
  private static final String TEST = "cars_test_annos_withlabels.mat";

  private StanfordCars() {}

  static StoredImages.Split read(Path root) throws IOException {
    SetFolder folder =
        SetFolder.open("Stanford Cars", root, NAMES, TRAIN, TEST, "cars_train", "cars_test");
    List<String> classes =
        MatlabFile.read(folder.requireFile(NAMES), "class_names").texts("class_names");
    return new StoredImages.Split(
        part(folder, "training", TRAIN, "cars_train", classes),
        null,
        part(folder, "test", TEST, "cars_test", classes));
  }

  private static StoredImages part(
      SetFolder folder, String part, String file, String pictures, List<String> classes)
      throws IOException {
    MatlabFile annotations = MatlabFile.read(folder.requireFile(file), "annotations");
    int[] labels = annotations.numbers("annotations", "class");
    for (int i = 0; i < labels.length; i++) {
      labels[i] = folder.label(file, Integer.toString(labels[i]), classes.size());
    }
    return folder.listed(
        part, pictures, annotations.texts("annotations", "fname"), labels, classes);
  }
}
