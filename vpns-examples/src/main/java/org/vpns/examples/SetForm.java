package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.study.data.PublishedSets;
import org.vpns.study.data.StoredImages;

/** Forms of image sets on disk, with the images per gradient step of the paper's released code. */
public enum SetForm {
  /** Binary version. */
  CIFAR10(256),
  /** Binary version. */
  CIFAR100(256),
  /** As its archive unpacks. */
  TINY_IMAGENET(256),
  /** Folders of classes for training and validation. */
  IMAGENET(1024),
  /** As its archive unpacks. */
  FOOD101(256),
  /** With MATLAB files, or another split in a JSON file. */
  FLOWERS102(128),
  /** The first partition; validation images are trained on. */
  DTD(64),
  /** As its archives unpack. */
  PETS(64),
  /** With the development kit. */
  CARS(128),
  /** {@code train} and {@code test}, each with a folder per class. */
  FOLDERS(128);

  private final int batchSize;

  SetForm(int batchSize) {
    this.batchSize = batchSize;
  }

  /** Images per gradient step. */
  public int batchSize() {
    return batchSize;
  }

  /**
   * Reads a set.
   *
   * @param split another split of FLOWERS102, or null
   * @throws IllegalArgumentException if another form is given a split
   */
  public StoredImages.Split read(Path data, @Nullable Path split) throws IOException {
    if (split != null && this != FLOWERS102) {
      throw Problem.argument(
          "option of another set",
          "--split",
          "none for --set " + this,
          split,
          "leave it out, or name --set FLOWERS102");
    }
    return switch (this) {
      case CIFAR10 -> PublishedSets.cifar10(data);
      case CIFAR100 -> PublishedSets.cifar100(data);
      case TINY_IMAGENET -> PublishedSets.tinyImageNet(data);
      case IMAGENET -> PublishedSets.imageNet(data);
      case FOOD101 -> PublishedSets.food101(data);
      case FLOWERS102 ->
          split == null ? PublishedSets.flowers102(data) : PublishedSets.flowers102(data, split);
      case DTD -> PublishedSets.describableTextures(data);
      case PETS -> PublishedSets.oxfordPets(data);
      case CARS -> PublishedSets.stanfordCars(data);
      case FOLDERS -> {
        StoredImages train = StoredImages.classFolders(data.resolve("train"));
        StoredImages test = StoredImages.classFolders(data.resolve("test"), train.classNames());
        yield new StoredImages.Split(train, null, test);
      }
    };
  }
}
