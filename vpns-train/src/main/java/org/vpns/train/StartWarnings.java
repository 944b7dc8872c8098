package org.vpns.train;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.internal.network.Network;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.Fingerprints;

/** What the reader of a report must know before the first step. */
final class StartWarnings {
  private static final int MAX_LISTED = 8;

  private StartWarnings() {}

  /** In words; mostly none. */
  static List<String> of(Setting setting) {
    List<String> warnings = new ArrayList<>();
    frozen(setting.network()).ifPresent(warnings::add);
    joined(setting.images().train()).ifPresent(warnings::add);
    resized(setting).ifPresent(warnings::add);
    addTrainedOn(setting.identity(), warnings);
    return warnings;
  }

  /** Other images that are those of training: the same data set, or one of the same content. */
  private static void addTrainedOn(Map<String, String> identity, List<String> warnings) {
    String training = identity.get(Fingerprints.TRAINING_DATA);
    for (String other : List.of(Fingerprints.VALIDATION_DATA, Fingerprints.TEST_DATA)) {
      if (Objects.equals(training, identity.get(other))) {
        warnings.add(
            (other.equals(Fingerprints.TEST_DATA) ? "test" : "validation")
                + " images are the training images: accuracy on them says nothing of others");
      }
    }
  }

  /** A last batch that is larger by one. */
  private static Optional<String> joined(Batches train) {
    return train.joinsLastImage()
        ? Optional.of(
            "batch norm cannot train on one image, so the last one of "
                + train.size()
                + " joins the batch before: "
                + (train.batchSize() + 1)
                + " images")
        : Optional.empty();
  }

  /** Images that are resized though nobody has said how the network wants them. */
  private static Optional<String> resized(Setting setting) {
    ImageInput input = setting.recipe().plainInput();
    if (setting.recipe().describesInput()) {
      return Optional.empty();
    }
    Shape image = setting.images().train().firstImage(setting.network().manager());
    if (image.dimension() != 3
        || image.get(1) == input.imageHeight() && image.get(2) == input.imageWidth()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "the recipe has no input, so images of %d x %d are resized to %d x %d: if the network"
                + " is made for images of their size, say .input(ImageInput.of(%d, %d, %d))",
            image.get(1),
            image.get(2),
            input.imageHeight(),
            input.imageWidth(),
            image.get(0),
            image.get(1),
            image.get(2)));
  }

  /** Which parameters stay as they are. */
  private static Optional<String> frozen(Network network) {
    List<String> held = new ArrayList<>();
    List<String> pruned = new ArrayList<>();
    for (NamedParameter p : network.paths().frozen()) {
      (network.layout().contains(p.path()) ? pruned : held).add(p.path());
    }
    List<String> parts = new ArrayList<>();
    add(parts, held, "neither pruned nor trained");
    add(parts, pruned, "pruned, but not trained");
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("frozen parameters stay as they are: " + String.join("; ", parts));
  }

  private static void add(List<String> parts, List<String> paths, String what) {
    if (!paths.isEmpty()) {
      parts.add(paths.size() + " " + what + " (" + Problem.listed(paths, MAX_LISTED) + ")");
    }
  }
}
