package org.vpns.examples;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;
import org.vpns.internal.network.Engines;
import org.vpns.study.data.ImageTransform;
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

  @Option(
      names = "--set",
      paramLabel = "FORM",
      required = true,
      description =
          "Form of the set: ${COMPLETION-CANDIDATES}; FOLDERS has train and test, each with a"
              + " folder per class.")
  private SetForm form = SetForm.FOLDERS;

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
    ImageTransform shown =
        using(() -> OptionValue.of("--size", () -> ImageTransform.colour().resize(size, size)));
    StoredImages.Split parts = using(this::read);
    Map<String, StoredImages> named = new LinkedHashMap<>();
    named.put("training", parts.train());
    if (parts.validation() != null) {
      named.put("validation", parts.validation());
    }
    named.put("test", parts.test());
    named.forEach((name, images) -> say(name + ": " + described(images)));
    for (Map.Entry<String, StoredImages> part : named.entrySet()) {
      StoredImages sound = part.getValue().withoutBroken();
      sound.skipped().stream().limit(MOST_NAMED).forEach(line -> say("broken: " + line));
      say(part.getKey() + ", read: " + sound);
      part.setValue(sound);
    }
    say(timed(named.getOrDefault("training", parts.train()), shown));
    return 0;
  }

  private StoredImages.Split read() throws IOException {
    return form.read(data, split);
  }

  private static String described(StoredImages images) {
    int[] counts = Arrays.stream(images.counts()).sorted().toArray();
    return images
        + String.format(Locale.ROOT, ", %d to %d each", counts[0], counts[counts.length - 1]);
  }

  /** An epoch of training is read, as a run would. */
  private String timed(StoredImages images, ImageTransform shown) {
    ImageTransform training = ImageTransform.colour().randomResizedCrop(size).horizontalFlip();
    StoredDataset dataset = images.toDataset(shown).training(training);
    long begin = System.nanoTime();
    try (NDManager manager = Engines.newManager("images to check")) {
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
