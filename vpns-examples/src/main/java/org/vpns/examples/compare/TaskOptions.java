package org.vpns.examples.compare;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import picocli.CommandLine.Option;

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
      names = "--data",
      paramLabel = "FOLDER",
      description =
          "Images of cifar, flowers and mobilenet: train*.bin and test*.bin in the binary layout of"
              + " CIFAR-10; of the paper's tasks: the set's folder.")
  private @Nullable Path data;

  @Option(
      names = "--network",
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
    return ComparisonTasks.open(task, new TaskFiles(data, network));
  }

  /**
   * T.
   *
   * @throws IllegalArgumentException if it is below 2
   */
  public long steps(ComparisonTask chosen) {
    long length = steps == null ? chosen.steps() : steps;
    if (length < 2) {
      throw Problem.argument("stage too short", "--steps", "at least 2", length, "150 is usual");
    }
    return length;
  }

  /** Says that figures do not count, where fewer steps were asked for than the task has; or "". */
  public String caution(ComparisonTask chosen) {
    return steps == null || steps >= chosen.steps()
        ? ""
        : " (short form: "
            + steps
            + " gradient steps per stage in place of "
            + chosen.steps()
            + ", too few for its figures to count)";
  }
}
