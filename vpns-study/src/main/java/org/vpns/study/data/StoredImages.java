package org.vpns.study.data;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.data.BackgroundThreads;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.text.ClassNames;
import org.vpns.internal.text.Texts;
import org.vpns.train.ImageSets;

/**
 * Labelled images that stay on disk: known are their places and labels, pixels are read when they
 * are asked for, again each time. Labels count from 0. Immutable; thread-safe. Images that fit into
 * memory are faster as an {@link ImageTable}.
 *
 * <p>Pictures may be JPEG, PNG, GIF or BMP, told by content. Pixels are those of Pillow's {@code
 * convert("RGB")}: transparency, colour profiles and the orientation in Exif are left out, grey
 * levels are as stored, CMYK is taken for inverted as Adobe writes it; 16 bits become the upper 8.
 */
public final class StoredImages {
  private final String name;
  private final ImmutableList<PictureStore> stores;

  /** For each image the store, and its place in that. */
  private final int[] store;

  private final int[] place;
  private final int[] labels;
  private final ImmutableList<String> classNames;
  private final ImmutableList<String> skipped;

  private StoredImages(
      String name,
      List<PictureStore> stores,
      int[] store,
      int[] place,
      int[] labels,
      List<String> classNames,
      List<String> skipped) {
    this.name = name;
    this.stores = ImmutableList.copyOf(stores);
    this.store = store;
    this.place = place;
    this.labels = labels;
    this.classNames = ImmutableList.copyOf(classNames);
    this.skipped = ImmutableList.copyOf(skipped);
  }

  /** All pictures of a store, with labels that have been checked and are given away. */
  static StoredImages of(
      String name, PictureStore pictures, int[] labels, List<String> classNames) {
    int[] place = IntStream.range(0, labels.length).toArray();
    return new StoredImages(
        name, List.of(pictures), new int[labels.length], place, labels, classNames, List.of());
  }

  /**
   * A folder per class with a picture per file, in the order of their names. Names that begin with
   * a dot are left out. Any other file counts as a picture: if it is none, reading it or {@link
   * #withoutBroken()} says so. Links are followed.
   *
   * @throws org.vpns.io.FormatException if there is no class, a class has no picture or a folder is
   *     in the folder of a class
   */
  public static StoredImages classFolders(Path root) throws IOException {
    Problem.given(root, "StoredImages.classFolders", "root");
    return ClassTree.read(root, null);
  }

  /**
   * The same with the classes of training: a picture's label is the place of its folder's name.
   *
   * @param classNames {@link #classNames()} of the training images
   * @throws org.vpns.io.FormatException also if a class has no folder or a folder no class
   * @throws IllegalArgumentException if a name is blank or occurs twice
   */
  public static StoredImages classFolders(Path root, List<String> classNames) throws IOException {
    Problem.given(root, "StoredImages.classFolders", "root");
    return ClassTree.read(
        root, ClassNames.require(classNames, "StoredImages.classFolders", "classNames"));
  }

  /**
   * Parts of one set that have no image in common.
   *
   * @param train images to learn from
   * @param validation images to choose by; null if the set has none
   * @param test images to measure accuracy on
   */
  public record Split(StoredImages train, @Nullable StoredImages validation, StoredImages test) {
    /**
     * Train and test are needed.
     *
     * @throws IllegalArgumentException if their classes differ
     */
    public Split {
      Problem.given(train, "new StoredImages.Split", "train");
      Problem.given(test, "new StoredImages.Split", "test");
      requireSameClasses(train, test, "new StoredImages.Split");
      if (validation != null) {
        requireSameClasses(train, validation, "new StoredImages.Split");
      }
    }

    /** Training and validation images together are trained on. */
    public Split joined() {
      return validation == null ? this : new Split(train.and(validation), null, test);
    }

    /**
     * All parts for a run, with the names of their classes.
     *
     * @param training what an epoch of training shows, random or not
     * @param shown what validation and test, label mappings and scorers see
     * @throws IllegalArgumentException if {@code shown} is random, or their channels differ
     */
    public ImageSets toImageSets(ImageTransform training, ImageTransform shown) {
      Problem.given(training, "StoredImages.Split.toImageSets", "training");
      Problem.given(shown, "StoredImages.Split.toImageSets", "shown");
      ImageSets sets =
          ImageSets.of(train.toDataset(shown).training(training), train.classes())
              .test(test.toDataset(shown))
              .classNames(train.classNames());
      return validation == null ? sets : sets.validation(validation.toDataset(shown));
    }
  }

  private static void requireSameClasses(StoredImages a, StoredImages b, String where) {
    if (!a.classNames.equals(b.classNames)) {
      List<String> without = a.classNames.stream().filter(n -> !b.classNames.contains(n)).toList();
      throw Problem.argument(
          "parts of other classes",
          where + ", " + b.name,
          "the " + a.classes() + " classes of " + a.name,
          b.classes()
              + " classes"
              + (without.isEmpty() ? "" : ", without " + Problem.listed(without, 8)),
          "give both parts the same classes, and read test images with those of training");
    }
  }

  /** Name of the set. */
  public String name() {
    return name;
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }

  /** Names of the classes; a label is an index into them. */
  public List<String> classNames() {
    return classNames;
  }

  /** Number of classes, whether or not an image shows them. */
  public int classes() {
    return classNames.size();
  }

  /** Label of an image. */
  public int label(int index) {
    return labels[index];
  }

  /** Where an image lies: its file, with the record if the file has several. */
  public String where(int index) {
    return stores.get(store[index]).where(place[index]);
  }

  /** Images per class. */
  public int[] counts() {
    int[] counts = new int[classes()];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /** What {@link #withoutBroken()} has left out: where each lay, and what was wrong with it. */
  public List<String> skipped() {
    return skipped;
  }

  Pixels read(int index) throws IOException {
    return stores.get(store[index]).read(place[index]);
  }

  /**
   * The same without images that cannot be read, which {@link #skipped()} then names. Decodes every
   * image once, on all processors: as long as an epoch's reading takes. By default a broken image
   * ends the run that meets it.
   *
   * @throws org.vpns.io.FormatException if no image can be read
   */
  public StoredImages withoutBroken() throws IOException {
    ExecutorService threads =
        BackgroundThreads.of("check-images", Runtime.getRuntime().availableProcessors());
    return BrokenImages.check(this, threads);
  }

  /** Some of the images, and what was wrong with the others. */
  StoredImages only(int[] indices, List<String> others) {
    List<String> all = new ArrayList<>(skipped);
    all.addAll(others);
    return new StoredImages(
        name,
        stores,
        pick(store, indices),
        pick(place, indices),
        pick(labels, indices),
        classNames,
        all);
  }

  private static int[] pick(int[] values, int[] indices) {
    return Arrays.stream(indices).map(i -> values[i]).toArray();
  }

  /**
   * The images at the given indices, in that order.
   *
   * @throws IllegalArgumentException if there is none, or one does not exist
   */
  public StoredImages subset(int... indices) {
    Problem.given(indices, "StoredImages.subset", "indices");
    if (indices.length == 0) {
      throw Problem.argument("empty subset", name, "at least 1 index", 0, "take at least 1 image");
    }
    for (int index : indices) {
      if (index < 0 || index >= size()) {
        throw Problem.argument(
            "no such image", name, "0 to " + (size() - 1), index, "check the indices");
      }
    }
    return only(indices, List.of());
  }

  /**
   * The first images.
   *
   * @throws IllegalArgumentException unless {@code 1 <= count <= size()}
   */
  public StoredImages head(int count) {
    requireCount("StoredImages.head", count, size());
    return subset(IntStream.range(0, count).toArray());
  }

  /**
   * The first images of each class, or all that it has.
   *
   * @throws IllegalArgumentException if the count is below 1
   */
  public StoredImages perClass(int count) {
    if (count < 1) {
      throw Problem.argument(
          "number of images out of range",
          "StoredImages.perClass, " + name,
          "at least 1",
          count,
          "take at least 1 of each class");
    }
    int[] taken = new int[classes()];
    IntPredicate wanted = i -> taken[labels[i]]++ < count;
    return subset(IntStream.range(0, size()).filter(wanted).toArray());
  }

  /**
   * A random part for training and the rest for testing, drawn anew for every seed, from the stream
   * {@code split/<name>} of {@link Seeds}; of a path the last part counts, so that it does not
   * matter where the images lie. Classes are not balanced.
   *
   * @param train number of training images
   * @throws IllegalArgumentException unless {@code 1 <= train < size()}
   */
  public Split split(long seed, int train) {
    requireCount("StoredImages.split", train, size() - 1);
    int[] order =
        Arrays.stream(new Seeds(seed).permutation(SplitStream.of(name), size()))
            .mapToInt(Math::toIntExact)
            .toArray();
    return new Split(
        subset(Arrays.copyOf(order, train)),
        null,
        subset(Arrays.copyOfRange(order, train, size())));
  }

  private void requireCount(String where, int count, int most) {
    if (count < 1 || count > most) {
      throw Problem.argument(
          "number of images out of range",
          where + ", " + name,
          "1 to " + most + " of " + size(),
          count,
          "take fewer, but at least 1");
    }
  }

  /**
   * These images, then others of the same classes.
   *
   * @throws IllegalArgumentException if the classes differ
   */
  public StoredImages and(StoredImages others) {
    Problem.given(others, "StoredImages.and", "others");
    requireSameClasses(this, others, "StoredImages.and");
    List<PictureStore> all = new ArrayList<>(stores);
    all.addAll(others.stores);
    List<String> left = new ArrayList<>(skipped);
    left.addAll(others.skipped);
    int shift = stores.size();
    return new StoredImages(
        name + " and " + others.name,
        all,
        joined(store, Arrays.stream(others.store).map(s -> s + shift).toArray()),
        joined(place, others.place),
        joined(labels, others.labels),
        classNames,
        left);
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  /**
   * The images as DJL's dataset, each always shown alike. See {@link StoredDataset#training} for
   * what epochs of training show.
   *
   * @throws IllegalArgumentException if the transform is random
   */
  public StoredDataset toDataset(ImageTransform shown) {
    Problem.given(shown, "StoredImages.toDataset", "shown");
    return StoredDataset.of(this, shown);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d images on disk, %d classes%s",
        name,
        size(),
        classes(),
        skipped.isEmpty() ? "" : ", " + Texts.plural(skipped.size(), "broken one") + " left out");
  }
}
