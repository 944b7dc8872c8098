package org.vpns.examples;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;
import org.vpns.internal.network.Engines;
import org.vpns.internal.text.Texts;
import org.vpns.io.FormatException;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads all images of a set on disk: how many there are, which are broken, how fast it goes. */
@Command(
    name = "CheckImages",
    description = "Counts the images of a set on disk, names broken ones, and times the reading.",
    exitCodeList = {
      "0:all images can be read",
      "1:images are broken, or it failed",
      "2:wrong options, or a folder of another form"
    })
public final class CheckImages extends Program {
  private static final int MOST_NAMED = 20;
  private static final String TRAINING = "training";

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
    named.put(TRAINING, parts.train());
    if (parts.validation() != null) {
      named.put("validation", parts.validation());
    }
    named.put("test", parts.test());
    named.forEach((name, images) -> say(name + ": " + described(images)));
    long broken = 0;
    StoredImages training = null;
    for (Map.Entry<String, StoredImages> part : named.entrySet()) {
      StoredImages sound = checked(part.getKey(), part.getValue());
      broken += part.getValue().size() - (sound == null ? 0 : sound.size());
      training = part.getKey().equals(TRAINING) ? sound : training;
    }
    if (training != null) {
      say(timed(training, shown));
    }
    say(broken == 0 ? "no broken image" : Texts.plural(broken, "broken image"));
    return broken == 0 ? 0 : 1;
  }

  /** Names the broken images of a part; gives the others, null if there are none. */
  private @Nullable StoredImages checked(String part, StoredImages images) throws IOException {
    StoredImages sound;
    try {
      sound = images.withoutBroken();
    } catch (FormatException e) { // the other parts are still to be checked
      say(part + ", read: " + e.getMessage());
      return null;
    }
    List<String> broken = sound.skipped();
    broken.stream().limit(MOST_NAMED).forEach(line -> say("broken: " + line));
    if (broken.size() > MOST_NAMED) {
      say("broken: " + (broken.size() - MOST_NAMED) + " more");
    }
    say(part + ", read: " + sound);
    return sound;
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
