package org.vpns.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.run.CheckpointFile;

/** Where a run keeps its checkpoints, and when. */
final class Checkpoints {
  /** Name of the file in the run's folder. */
  static final String FILE = "checkpoint.safetensors";

  private final @Nullable Path folder;
  private final long every;
  private final Map<String, String> identity;
  private final SharedStages shared;

  /**
   * Of a run.
   *
   * @param folder null = none are kept
   * @param every iterations from one to the next; 0 = an epoch
   * @param sharedFolder of states between stages; null = none are kept
   * @param identity what the run depends on, by name
   */
  Checkpoints(
      @Nullable Path folder,
      long every,
      @Nullable Path sharedFolder,
      Recipe recipe,
      Map<String, String> identity) {
    this.folder = folder;
    this.every = every;
    this.identity = identity;
    shared = new SharedStages(sharedFolder, recipe, identity);
  }

  /** The furthest state of the run that is kept; null if there is none. */
  CheckpointFile.@Nullable Reader furthest(boolean resume) throws IOException {
    return folder != null && resume && Files.exists(folder.resolve(FILE))
        ? new CheckpointFile.Reader(folder.resolve(FILE), identity)
        : shared.read();
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
    }
  }

  /** Keeps a state between two stages, for runs that begin with the same stages too. */
  void saveBetweenStages(Ledger ledger, Consumer<CheckpointFile.Writer> state) throws IOException {
    save(ledger, state);
    shared.keep(state, ledger);
  }
}
