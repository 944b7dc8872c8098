package org.vpns.examples;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.study.Study;
import org.vpns.study.StudyTask;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine.Option;

/**
 * A study on CIFAR networks that were trained before: which, on what images, and how they are
 * trained on. Files fix the images; seeds decide their order.
 *
 * @param <R> what a run gives
 */
public abstract class CifarProgram<R> extends StudyProgram<R> {
  /** Shape of an image of CIFAR. */
  public static final Shape IMAGE = new Shape(3, 32, 32);

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FOLDER",
      description = "train*.bin, test*.bin as of CIFAR-10, resnet20.safetensors, ...")
  private Path data = Path.of("");

  @Option(
      names = "--networks",
      split = ",",
      paramLabel = "NAME",
      description = "resnet20, resnet56, or another of the program (default: ${DEFAULT-VALUE}).",
      defaultValue = "resnet20,resnet56")
  private List<String> networks = List.of();

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Gradient steps (default: ${DEFAULT-VALUE}).")
  private long steps;

  /** With defaults of the program. */
  protected CifarProgram(String out, int seeds, long steps) {
    super(out, seeds);
    this.steps = steps;
  }

  /** Makes a task of a network. */
  @FunctionalInterface
  protected interface Opener {
    /** With the folder of images and weights, and the images. */
    ImageTask open(Path folder, ImageTable.Split images) throws IOException;
  }

  /** What {@code --networks} may name. */
  protected Map<String, Opener> openers() {
    return Maps.transformValues(
        TrainedNetwork.PLANS, plan -> (folder, images) -> new TrainedNetwork(plan, folder, images));
  }

  /** The networks with their images, which are read when all else is known to be right. */
  protected final ImageTask[] tasks() {
    return using(
        () -> {
          if (steps < 1) {
            throw Problem.argument(
                "nothing to train", "--steps", "at least 1", steps, "some hundred are usual");
          }
          Map<String, Opener> asked = Names.each("--networks", openers(), networks);
          ImageTable.Split images = CifarRecords.readFolder(data);
          List<ImageTask> tasks = new ArrayList<>();
          for (Opener opener : asked.values()) {
            tasks.add(opener.open(data, images));
          }
          return tasks.toArray(ImageTask[]::new);
        });
  }

  /** Of the training. */
  protected final Length length() {
    return Length.iterations(steps);
  }

  /** Makes a table of one network's runs, in Markdown. */
  @FunctionalInterface
  protected interface Table<R> {
    /** Of the runs, at least one. */
    String of(StudyTask network, Map<Study.Cell<R>, R> runs) throws IOException;
  }

  /** A table for each network that has runs, below its name; written as a file, and said. */
  protected final void writeTables(String file, Study.Results<R> results, Table<R> table)
      throws IOException {
    Map<StudyTask, Map<Study.Cell<R>, R>> byNetwork = new LinkedHashMap<>();
    results
        .byCell()
        .forEach(
            (cell, run) ->
                byNetwork.computeIfAbsent(cell.task(), t -> new LinkedHashMap<>()).put(cell, run));
    StringBuilder text = new StringBuilder();
    for (Map.Entry<StudyTask, Map<Study.Cell<R>, R>> network : byNetwork.entrySet()) {
      text.append("## ").append(network.getKey().name()).append("\n\n");
      text.append(table.of(network.getKey(), network.getValue())).append('\n');
    }
    AtomicFiles.writeText(out().resolve(file), text.toString());
    say(text.toString());
  }

  /** How weights are moved. */
  protected static Stage.Motion motion() {
    return new Stage.Motion(TrainingSettings.WEIGHTS, TrainedNetwork.WEIGHT_RATE);
  }

  /** A recipe for images of CIFAR. */
  protected static Recipe.Builder options(Recipe.Builder recipe, long seed) {
    return recipe.input(TrainedNetwork.INPUT).batchSize(TrainedNetwork.BATCH_SIZE).seed(seed);
  }
}
