package org.vpns.examples.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * The files that a task is given on the command line.
 *
 * @param data folder of images, or null
 * @param network file of weights, or null
 */
public record TaskFiles(@Nullable Path data, @Nullable Path network) {
  /** What a set of CIFAR's form consists of. */
  static final String RECORDS = "a folder of train*.bin and test*.bin";

  /** For a task that ships with the examples. */
  public void requireNone(String task) throws IOException {
    requireAbsent(task, "--data", data);
    requireAbsent(task, "--network", network);
  }

  private static void requireAbsent(String task, String option, @Nullable Path given)
      throws IOException {
    if (given != null) {
      throw new IOException(
          Problem.message(
              "option of another task",
              option,
              "none for --task " + task + ", which ships with the examples",
              given,
              "leave it out, or name another task"));
    }
  }

  /**
   * The folder of images.
   *
   * @param holds what lies in it, for the message
   */
  public Path requireData(String task, String holds) throws IOException {
    if (data == null) {
      throw new IOException(
          Problem.message(
              "folder of images missing",
              "--task " + task,
              "--data with " + holds,
              "none",
              "name the folder"));
    }
    if (!Files.isDirectory(data)) {
      throw new IOException(
          Problem.message(
              "no such folder",
              data.toString(),
              "--data with " + holds,
              Files.exists(data) ? "a file" : "nothing",
              "check the path"));
    }
    return data;
  }

  /** The file of weights: the given one, else the one of this name in the folder of images. */
  public Path requireNetwork(String task, String fileName) throws IOException {
    Path file =
        network == null
            ? requireData(task, "a folder with " + fileName).resolve(fileName)
            : network;
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          Problem.message(
              "file of weights missing",
              "--task " + task,
              network == null
                  ? fileName + " in the folder of images, or --network with another file"
                  : "a file at --network",
              "no " + file,
              "check the path"));
    }
    return file;
  }
}
