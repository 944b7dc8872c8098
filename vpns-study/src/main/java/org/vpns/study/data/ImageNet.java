package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * ImageNet as torchvision keeps it: {@code train} and {@code val}, each with a folder per class
 * named by its WordNet number. Their order is that of the outputs of networks trained on ImageNet.
 */
final class ImageNet {
  private ImageNet() {}

  static StoredImages.Split read(Path root) throws IOException {
    SetFolder.open("ImageNet (a folder per class)", root, "train", "val");
    StoredImages train = StoredImages.classFolders(root.resolve("train"));
    List<String> classes = train.classNames();
    return new StoredImages.Split(
        train, null, StoredImages.classFolders(root.resolve("val"), classes));
  }
}
