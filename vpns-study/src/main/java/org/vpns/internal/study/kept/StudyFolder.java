package org.vpns.internal.study.kept;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.io.WriteFailure;

/** Where a study keeps what its runs give: a file each, and what they need to go on. */
public record StudyFolder(Path root) {
  /** The file of a run's result; as long as it is not there, the run is to be made. */
  public Path result(String run) {
    return root.resolve("runs").resolve(run + ".json");
  }

  /** The folder of a run's pruned model. */
  public Path model(String run) {
    return root.resolve("models").resolve(run);
  }

  /** The folder of stages that runs share. */
  public Path stages() {
    return root.resolve("stages");
  }

  /** The folder of a run's checkpoints. */
  public Path checkpoints(String run) {
    return root.resolve("checkpoints").resolve(run);
  }

  /**
   * Held while a study is under way.
   *
   * @throws IllegalStateException if another study has it
   * @throws IOException if the folder cannot be written
   */
  public FolderLock lock() throws IOException {
    return take(root, "study");
  }

  /** Held while a run is made, by whatever process. */
  public FolderLock lock(String run) throws IOException {
    Path file = result(run);
    return take(parent(file), String.valueOf(file.getFileName()));
  }

  /** Before a run, whose model is written when all its steps are done. */
  public void requireRoomForModel(String run) throws IOException {
    // runs of other processes keep theirs there as well, so nobody has it for long
    take(parent(model(run)), "probe").close();
  }

  private static FolderLock take(Path folder, String name) throws IOException {
    try {
      return FolderLock.take(folder, name);
    } catch (IOException e) {
      throw WriteFailure.told(
          "results of a study cannot be kept", folder, "a folder to write into", e, null);
    }
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  /**
   * The log of a worker, into which it can write; what it has from before stays.
   *
   * @param number from 1 on
   */
  public Path log(int number) throws IOException {
    Path folder = root.resolve("workers");
    Path log = folder.resolve("worker-" + number + ".log");
    try {
      Files.createDirectories(folder);
      Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException e) {
      throw WriteFailure.told(
          "log of a worker cannot be written", log, "a file to write into", e, null);
    }
    return log;
  }

  /** Checkpoints of a run that is done. */
  public void dropCheckpoints(String run) throws IOException {
    Path folder = checkpoints(run);
    if (Files.isDirectory(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
