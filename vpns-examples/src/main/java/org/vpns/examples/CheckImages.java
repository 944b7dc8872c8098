package org.vpns.examples;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.PublishedSets;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads all images of a set on disk: how many there are, which are broken, how fast it goes. */
@Command(
    name = "CheckImages",
    description = "Counts the images of a set on disk, names broken ones, and times the reading.")
public final class CheckImages extends Program {
  private static final int MOST_NAMED = 20;

  /** Forms of sets. */
  enum Form {
    CIFAR10,
    CIFAR100,
    TINY_IMAGENET,
    IMAGENET,
    FOOD101,
    FLOWERS102,
    DTD,
    PETS,
    CARS,
    FOLDERS
  }

  @Option(
      names = "--set",
      paramLabel = "FORM",
      required = true,
      description =
          "Form of the set: ${COMPLETION-CANDIDATES}; FOLDERS has train and test, each with a"
              + " folder per class.")
  private Form form = Form.FOLDERS;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      required = true,
      description = "The set's folder.")
  private Path data = Path.of(".");

  @Option(
      names = "--split",
      paramLabel = "FILE",
      description = "JSON file with another split of FLOWERS102, as CoOp's.")
  private @Nullable Path split;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "224",
      description = "Pixels of a side that images are cropped to (default: ${DEFAULT-VALUE}).")
  private int size;

  /** Arguments: see {@code --help}. */
  public static void main(String[] args) {
    new CheckImages().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    StoredImages.Split parts = using(this::read);
    StoredImages validation = parts.validation();
    say("training: " + described(parts.train()));
    if (validation != null) {
      say("validation: " + described(validation));
    }
    say("test: " + described(parts.test()));
    StoredImages sound = parts.train().withoutBroken();
    sound.skipped().stream().limit(MOST_NAMED).forEach(line -> say("broken: " + line));
    say(sound.toString());
    say(timed(sound));
    return 0;
  }

  private StoredImages.Split read() throws IOException {
    if (split != null && form != Form.FLOWERS102) {
      throw new IllegalArgumentException("--split is for --set FLOWERS102 alone.");
    }
    return switch (form) {
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

  private static String described(StoredImages images) {
    int[] counts = Arrays.stream(images.counts()).sorted().toArray();
    return images
        + String.format(Locale.ROOT, ", %d to %d each", counts[0], counts[counts.length - 1]);
  }

  /** An epoch of training is read, as a run would. */
  private String timed(StoredImages images) {
    ImageTransform shown = ImageTransform.colour().resize(size, size);
    ImageTransform training = ImageTransform.colour().randomResizedCrop(size).horizontalFlip();
    StoredDataset dataset = images.toDataset(shown).training(training);
    long begin = System.nanoTime();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch : dataset.epoch(new Seeds(7), "check", 0).getData(manager)) {
        batch.close();
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return String.format(
        Locale.ROOT, "%.0f images/s, %s", images.size() / seconds, description(dataset));
  }

  private static String description(LazyImages images) {
    return images.describe();
  }
}
