package org.vpns.examples.shrink;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pictures that show what the smaller network has lost, and that it is tuned on. */
final class GivenImages {
  @Option(
      names = "--images",
      paramLabel = "FOLDER",
      description =
          "Pictures to test on, and to tune on: folders test and train in it, each with a folder"
              + " for every output of the network, in their order; train may be missing.")
  private @Nullable Path images;

  @Mixin private final InputOption input = new InputOption();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs of tuning if there are images to train on (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int epochs;

  /**
   * What was read.
   *
   * @param recipe of counting and tuning
   * @param train images; null if there are none, or nothing is to be tuned
   * @param test images
   */
  record Pictures(Recipe recipe, @Nullable ImageTable train, ImageTable test) {
    /** For a run; without images to train on those for testing stand in, untouched. */
    ImageSets sets(NDManager manager) {
      return new ImageTable.Split(train == null ? test : train, test).toImageSets(manager);
    }
  }

  /**
   * Reads the pictures; empty where no folder is given.
   *
   * @param network what they are for
   * @param outputs shapes of its results
   * @throws IllegalArgumentException if a number of epochs is negative, the network takes anything
   *     but images, or there are other classes
   * @throws IOException if they cannot be read
   */
  Optional<Pictures> read(GivenNetwork network, List<Shape> outputs, long seed) throws IOException {
    if (epochs < 0) {
      throw Problem.argument(
          "epochs out of range", "--epochs", "at least 0", epochs, "0 tunes nothing");
    }
    if (images == null) {
      return Optional.empty();
    }
    Shape image = network.image();
    long classes = classes(outputs);
    int channels = (int) image.get(0);
    int height = (int) image.get(1);
    int width = (int) image.get(2);
    Path folder = images.resolve("train");
    ImageTable train =
        Files.isDirectory(folder) ? ClassFolders.read(folder, channels, height, width) : null;
    Path tests = images.resolve("test");
    ImageTable test =
        train == null
            ? ClassFolders.read(tests, channels, height, width)
            : ClassFolders.read(tests, channels, height, width, train.classNames());
    if (test.classNames().size() != classes) {
      throw Problem.argument(
          "other classes than the network's",
          images.toString(),
          classes + " folders, one for each output and in their order",
          test.classNames().size(),
          "add folders with a picture or more for the others, or export the network with these"
              + " outputs alone");
    }
    return Optional.of(
        new Pictures(recipe(input.of(image), seed), epochs == 0 ? null : train, test));
  }

  private static long classes(List<Shape> outputs) {
    if (outputs.size() != 1 || outputs.get(0).dimension() != 2) {
      throw Problem.argument(
          "network is no classifier",
          "--images",
          "one result (batch, classes), which images with labels can be counted by",
          outputs,
          "leave --images out");
    }
    return outputs.get(0).get(1);
  }

  private Recipe recipe(ImageInput input, long seed) {
    Stage stage = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(Math.max(1, epochs))).build();
    return Recipe.of("Shrink", Sparsity.DENSE, stage).input(input).seed(seed).build();
  }
}
