package org.vpns.examples.compare;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.internal.network.Engines;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that name what methods are compared on. */
public final class TaskOptions {
  @Option(
      names = "--task",
      paramLabel = "TASK",
      description =
          "digits: the quick start's%nfew-digits: 200 of them to train on, all others to test%n"
              + "cifar: CIFAR-10 with a ResNet-20 that was trained on it%n"
              + "flowers: that network and other colour images%n"
              + "mobilenet: such images at 96 with a MobileNetV1 of ImageNet%n"
              + "paper-cifar100, paper-pets ...: a set on disk at 224 with a ResNet-18 of"
              + " torchvision%n"
              + "(default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--paper",
      paramLabel = "SET",
      arity = "0..1",
      fallbackValue = "cifar100",
      description =
          "The paper's set-up, in place of --task paper-SET: on cifar100 if no other set is named,"
              + " at its sparsities 0.4 to 0.9 if --sparsities names no others.")
  private @Nullable String paper;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description =
          "Images of cifar, flowers and mobilenet: train*.bin and test*.bin in the binary layout of"
              + " CIFAR-10; of the paper's tasks: the set's folder.")
  private @Nullable Path data;

  @Option(
      names = {"--network", "--model"},
      paramLabel = "FILE",
      description =
          "Weights (default: "
              + ResNet20Files.WEIGHTS
              + ", for the paper's tasks resnet18.pth, in the folder of images).")
  private @Nullable Path network;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "T, gradient steps per stage (default: what the task has).")
  private @Nullable Long steps;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "In place of --steps: as many as it takes to go N times through the training images.")
  private @Nullable Long epochs;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec program;

  /** With a task for who names none. */
  public TaskOptions(String task) {
    this.task = task;
  }

  /**
   * The task, with its files read.
   *
   * @throws IllegalArgumentException if there is none of that name
   * @throws IOException if a file is missing
   */
  public ComparisonTask open() throws IOException {
    TaskFiles files = new TaskFiles(data, network);
    if (paper == null) {
      return ComparisonTasks.open(task, files);
    }
    if (program != null && program.commandLine().getParseResult().hasMatchedOption("--task")) {
      throw Problem.argument(
          "two tasks",
          "--paper",
          "--task or --paper",
          "--task " + task + " and --paper " + paper,
          "leave one out");
    }
    return ComparisonTasks.paper(paper, files);
  }

  /** Those that were asked for; else the paper's, if its set-up was. */
  public List<Sparsity> sparsities(List<Sparsity> named) {
    boolean given =
        program != null && program.commandLine().getParseResult().hasMatchedOption("--sparsities");
    return paper == null || given ? named : PaperTask.SPARSITIES;
  }

  /**
   * T.
   *
   * @throws IllegalArgumentException if it is below 2, or two options name it
   * @throws IOException if images are to be counted, and cannot be read
   */
  public long steps(ComparisonTask chosen) throws IOException {
    if (epochs == null) {
      return required("--steps", steps == null ? chosen.steps() : steps, "150 is usual");
    }
    if (steps != null) {
      throw Problem.argument(
          "two lengths of a stage",
          "--epochs",
          "--steps or --epochs",
          "--steps " + steps + " and --epochs " + epochs,
          "leave one out");
    }
    long most = Integer.MAX_VALUE;
    if (epochs < 1 || epochs > most) {
      throw Problem.argument(
          "number of epochs out of range", "--epochs", "1 to " + most, epochs, "30 is usual");
    }
    return required("--epochs, gradient steps", epochs * perEpoch(chosen), "name more epochs");
  }

  private static long required(String option, long length, String remedy) {
    if (length < 2) {
      throw Problem.argument("stage too short", option, "at least 2", length, remedy);
    }
    return length;
  }

  /** The last batch may be a smaller one. */
  private static long perEpoch(ComparisonTask chosen) throws IOException {
    try (NDManager manager = Engines.newManager("images to count")) {
      long images = chosen.images(1, manager).train().size();
      return (images + chosen.batchSize() - 1) / chosen.batchSize();
    }
  }

  /** Says that figures do not count, where fewer steps are made than the task has; or "". */
  public String caution(ComparisonTask chosen, long made) {
    return made >= chosen.steps()
        ? ""
        : " (short form: "
            + made
            + " gradient steps per stage in place of "
            + chosen.steps()
            + ", too few for its figures to count)";
  }
}
