package org.vpns.study.data;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.Problem;
import org.vpns.io.FormatException;

/**
 * Published image sets in the form in which their archives unpack, as torchvision reads them but
 * for what is said. Each method takes the folder of the set and reads its lists; pictures stay
 * where they are ({@link StoredImages}). A folder that is another's is refused with {@link
 * FormatException}, which says what was expected and what is there; lists cannot name files outside
 * of it.
 */
public final class PublishedSets {
  private static final int PARTITIONS = 10;

  private PublishedSets() {}

  /**
   * CIFAR-10, binary version ({@code cifar-10-batches-bin}): 50,000 images for training, 10,000 for
   * test, 10 classes.
   */
  public static StoredImages.Split cifar10(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.cifar10", "folder");
    return Cifar.ten(folder);
  }

  /**
   * CIFAR-100, binary version ({@code cifar-100-binary}): 50,000 images for training, 10,000 for
   * test, by the 100 fine labels.
   */
  public static StoredImages.Split cifar100(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.cifar100", "folder");
    return Cifar.hundred(folder);
  }

  /**
   * Tiny ImageNet ({@code tiny-imagenet-200}): 100,000 images for training; the 10,000 for
   * validation are for test, as those for test have no labels. 200 classes, named by WordNet number
   * and sorted. torchvision has no reader of it.
   */
  public static StoredImages.Split tinyImageNet(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.tinyImageNet", "folder");
    return TinyImageNet.read(folder);
  }

  /**
   * ImageNet-1K with folders {@code train} and {@code val}, each with a folder per class: 1,281,167
   * images for training; the 50,000 for validation are for test. Classes are named by WordNet
   * number, in the order of the outputs of networks trained on it.
   */
  public static StoredImages.Split imageNet(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.imageNet", "folder");
    return ImageNet.read(folder);
  }

  /** Food-101 ({@code food-101}): 75,750 images for training, 25,250 for test, 101 classes. */
  public static StoredImages.Split food101(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.food101", "folder");
    return Food101.read(folder);
  }

  /**
   * Flowers-102 with its own split: 1,020 images for training, 1,020 for validation, 6,149 for
   * test, 102 classes, named by number from 1.
   */
  public static StoredImages.Split flowers102(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.flowers102", "folder");
    return Flowers102.read(folder);
  }

  /**
   * Flowers-102 with a split that a JSON file lists, such as CoOp's {@code
   * split_zhou_OxfordFlowers.json}, the one of the paper: 4,093 images for training, 1,633 for
   * validation, 2,463 for test, with names of classes. The file has lists {@code train}, {@code
   * val} and {@code test} of {@code [file, label from 0, class name]}, files in {@code jpg}.
   *
   * @param split the file; relative to the folder, unless it is absolute
   */
  public static StoredImages.Split flowers102(Path folder, Path split) throws IOException {
    Problem.given(folder, "PublishedSets.flowers102", "folder");
    Problem.given(split, "PublishedSets.flowers102", "split");
    return ListedSplit.read("Flowers-102", folder, split, "jpg");
  }

  /**
   * Describable Textures ({@code dtd}), partition 1: 1,880 images each for training, validation and
   * test, 47 classes.
   */
  public static StoredImages.Split describableTextures(Path folder) throws IOException {
    return describableTextures(folder, 1);
  }

  /**
   * Describable Textures, another partition.
   *
   * @param partition 1 to 10
   */
  public static StoredImages.Split describableTextures(Path folder, int partition)
      throws IOException {
    Problem.given(folder, "PublishedSets.describableTextures", "folder");
    if (partition < 1 || partition > PARTITIONS) {
      throw Problem.argument(
          "no such partition",
          "PublishedSets.describableTextures",
          "1 to " + PARTITIONS,
          partition,
          "partition 1 is usual");
    }
    return DescribableTextures.read(folder, partition);
  }

  /**
   * Oxford-IIIT Pets: 3,680 images of {@code trainval} for training, 3,669 for test, 37 classes.
   */
  public static StoredImages.Split oxfordPets(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.oxfordPets", "folder");
    return OxfordPets.read(folder);
  }

  /** Stanford Cars: 8,144 images for training, 8,041 for test, 196 classes. */
  public static StoredImages.Split stanfordCars(Path folder) throws IOException {
    Problem.given(folder, "PublishedSets.stanfordCars", "folder");
    return StanfordCars.read(folder);
  }
}
