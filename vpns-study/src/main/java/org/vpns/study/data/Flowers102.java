package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vpns.internal.data.MatlabFile;

/**
 * Flowers-102: {@code imagelabels.mat} has the class of every picture, from 1 to 102, in {@code
 * labels}; {@code setid.mat} the numbers of those for training ({@code trnid}), validation ({@code
 * valid}) and test ({@code tstid}). Picture n is {@code jpg/image_0000n.jpg}. Classes have no
 * names.
 */
final class Flowers102 {
  private static final int CLASSES = 102;

  private final SetFolder folder;
  private final int[] classes;
  private final MatlabFile parts;

  private Flowers102(SetFolder folder, int[] classes, MatlabFile parts) {
    this.folder = folder;
    this.classes = classes;
    this.parts = parts;
  }

  static StoredImages.Split read(Path root) throws IOException {
    SetFolder folder = SetFolder.open("Flowers-102", root, "imagelabels.mat", "setid.mat", "jpg");
    Flowers102 set =
        new Flowers102(
            folder,
            MatlabFile.read(folder.requireFile("imagelabels.mat"), "labels").numbers("labels"),
            MatlabFile.read(folder.requireFile("setid.mat"), "trnid", "valid", "tstid"));
    return new StoredImages.Split(
        set.part("training", "trnid"), set.part("validation", "valid"), set.part("test", "tstid"));
  }

  private StoredImages part(String name, String variable) throws IOException {
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int number : parts.numbers(variable)) {
      if (number < 1 || number > classes.length) {
        throw folder.damaged("setid.mat", "pictures 1 to " + classes.length, number);
      }
      names.add(String.format(Locale.ROOT, "image_%05d.jpg", number));
      labels.add(folder.label("imagelabels.mat", Integer.toString(classes[number - 1]), CLASSES));
    }
    return folder.listed(name, "jpg", names, labels, SetFolder.numbered(CLASSES));
  }
}
