package org.vpns.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.run.CheckpointFile;

/**
 * A folder with the checkpoints between stages of several runs. A stage draws its random numbers
 * from streams of its number, so runs whose recipes begin with the same stages are one run until
 * they part; such a checkpoint is named by a digest of all that it depends on.
 */
final class SharedStages {
  private final @Nullable Path folder;
  private final Recipe recipe;
  private final Map<String, String> identity;

  SharedStages(@Nullable Path folder, Recipe recipe, Map<String, String> identity) {
    this.folder = folder;
    this.recipe = recipe;
    this.identity = identity;
  }

  /** What the state after so many stages depends on. */
  private Map<String, String> identity(int stages) {
    Map<String, String> shared = new LinkedHashMap<>(identity);
    shared.remove("recipe");
    shared.remove("sparsity");
    TreeSet<Long> recorded = new TreeSet<>();
    boolean taught = false;
    for (int i = 0; i < recipe.stages().size(); i++) {
      Stage stage = recipe.stages().get(i);
      recorded.add(stage.rewind().steps());
      taught |= stage.distillation() != null;
      if (i >= stages) {
        shared.remove(Recipe.optionName(i, stage));
      }
    }
    shared.put("stages done", Integer.toString(stages));
    shared.put("recorded after steps", recorded.toString());
    shared.put("teacher", Boolean.toString(taught));
    return shared;
  }

  private static String file(Map<String, String> identity) {
    Hasher hasher = Hashing.sha256().newHasher();
    identity.forEach(
        (key, value) -> hasher.putString(key + "=" + value + "\n", StandardCharsets.UTF_8));
    return "after-"
        + identity.get("stages done")
        + "-"
        + hasher.hash().toString().substring(0, 16)
        + ".safetensors";
  }

  /** The furthest checkpoint of these stages; null if there is none. */
  CheckpointFile.@Nullable Reader read() throws IOException {
    for (int stages = recipe.stages().size() - 1; folder != null && stages > 0; stages--) {
      Map<String, String> shared = identity(stages);
      Path file = folder.resolve(file(shared));
      if (Files.exists(file)) {
        return new CheckpointFile.Reader(file, shared);
      }
    }
    return null;
  }

  /**
   * Keeps the state between two stages. One that is there is the same to the bit, and another
   * process may be reading it.
   */
  void keep(Consumer<CheckpointFile.Writer> state, Ledger ledger) throws IOException {
    if (folder == null) {
      return;
    }
    Map<String, String> shared = identity(ledger.stage);
    if (Files.exists(folder.resolve(file(shared)))) {
      return;
    }
    CheckpointFile.Writer writer = new CheckpointFile.Writer(shared, ledger.toJson());
    state.accept(writer);
    writer.write(folder, file(shared));
  }
}
