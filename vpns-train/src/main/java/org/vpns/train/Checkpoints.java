package org.vpns.train;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.io.Temporaries;
import org.vpns.internal.run.CheckpointFile;

/** Where a run keeps its checkpoints, and when. Its folder is locked until this is closed. */
final class Checkpoints implements AutoCloseable {
  /** Name of the file in the run's folder. */
  static final String FILE = "checkpoint.safetensors";

  private final @Nullable Path folder;
  private final long every;
  private final @Nullable Path sharedFolder;
  private final @Nullable FolderLock lock;
  private final boolean resumes;
  private volatile boolean saved;

  private Checkpoints(
      @Nullable Path folder,
      long every,
      @Nullable Path sharedFolder,
      @Nullable FolderLock lock,
      boolean resumes,
      boolean saved) {
    this.folder = folder;
    this.every = every;
    this.sharedFolder = sharedFolder;
    this.lock = lock;
    this.resumes = resumes;
    this.saved = saved;
  }

  /**
   * Makes the folders ready: what will fail to be written fails now, and what killed runs left half
   * written goes.
   *
   * @param folder of the run; null = none are kept
   * @param every iterations from one to the next; 0 = an epoch
   * @param resume whether there may be a checkpoint
   * @param sharedFolder of states between stages; null = none are kept
   * @throws IllegalStateException if another run has the folder, or there is a checkpoint that is
   *     not to be resumed
   * @throws IOException if a folder cannot be written
   */
  static Checkpoints open(
      @Nullable Path folder, long every, boolean resume, @Nullable Path sharedFolder)
      throws IOException {
    if (sharedFolder != null) {
      // many runs share it at a time, so nobody has it for long
      CheckpointFile.lock(sharedFolder, sharedFolder.resolve("after-stages"), "probe").close();
      Temporaries.sweep(sharedFolder);
    }
    if (folder == null) {
      return new Checkpoints(null, every, sharedFolder, null, resume, false);
    }
    Path file = folder.resolve(FILE);
    FolderLock lock = CheckpointFile.lock(folder, file, "checkpoint");
    try {
      if (Files.isDirectory(file)) {
        throw CheckpointFile.unwritable(
            file, new FileAlreadyExistsException(file.toString(), null, "a folder of that name"));
      }
      boolean there = Files.exists(file);
      if (there && !resume) {
        throw Problem.state(
            "checkpoint in the way",
            file.toString(),
            "a folder without checkpoint",
            "one of an earlier run",
            "call resume() to continue it, or choose another folder");
      }
      Temporaries.sweep(folder);
      return new Checkpoints(folder, every, sharedFolder, lock, resume, there);
    } catch (Throwable e) {
      lock.close();
      throw e;
    }
  }

  /** Those of a run. */
  Kept of(Recipe recipe, Map<String, String> identity) {
    return new Kept(identity, new SharedStages(sharedFolder, recipe, identity));
  }

  /** How to go on from here if the process ends now. */
  String howToGoOn() {
    if (saved) {
      return "its last checkpoint is in "
          + folder
          + ": start it again "
          + (resumes ? "" : "with resume() ")
          + "to go on from there";
    }
    if (folder != null) {
      return "it has no checkpoint in " + folder + " yet: start it again from the beginning";
    }
    return sharedFolder != null
        ? "its finished stages are in " + sharedFolder + ": start it again to go on after them"
        : "it keeps no checkpoints: start it again, with Trainer.checkpoints(folder) to have some";
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }

  /** The checkpoints of a run whose network and images are known. */
  final class Kept {
    private final Map<String, String> identity;
    private final SharedStages shared;

    private Kept(Map<String, String> identity, SharedStages shared) {
      this.identity = identity;
      this.shared = shared;
    }

    /**
     * The furthest state of the run that is kept; null if there is none.
     *
     * @param resume whether it may be the run's own checkpoint
     * @param trusted whether that one may hold a TorchScript module
     */
    CheckpointFile.@Nullable Reader furthest(boolean resume, boolean trusted) throws IOException {
      if (folder == null || !resume || !Files.exists(folder.resolve(FILE))) {
        return shared.read();
      }
      CheckpointFile.Reader reader = new CheckpointFile.Reader(folder.resolve(FILE), identity);
      if (!trusted) {
        reader.requireDataAlone();
      }
      return reader;
    }

    /** Whether one is due after the given iteration of a stage. */
    boolean isDue(long iteration, boolean epochEnded) {
      return folder != null && (every > 0 ? iteration % every == 0 : epochEnded);
    }

    /** Keeps a state. */
    void save(Ledger ledger, Consumer<CheckpointFile.Writer> state) throws IOException {
      if (folder != null) {
        CheckpointFile.Writer writer = new CheckpointFile.Writer(identity, ledger.toJson());
        state.accept(writer);
        writer.write(folder, FILE);
        saved = true;
      }
    }

    /** Keeps a state between two stages, for runs that begin with the same stages too. */
    void saveBetweenStages(Ledger ledger, Consumer<CheckpointFile.Writer> state)
        throws IOException {
      save(ledger, state);
      shared.keep(state, ledger);
    }
  }
}
