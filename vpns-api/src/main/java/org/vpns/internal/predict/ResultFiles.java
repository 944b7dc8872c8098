package org.vpns.internal.predict;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFolder;
import org.vpns.internal.io.FileGuess;
import org.vpns.io.FormatException;

/** The files of a result folder, which may come from strangers. */
public final class ResultFiles {
  /** Which weights are kept. */
  public static final String MASKS = "masks.vpns";

  /** The kept weights. */
  public static final String WEIGHTS = "weights.safetensors";

  /** The visual prompt, if there is one. */
  public static final String PROMPT = "prompt.safetensors";

  /** A TorchScript module, in place of the kept weights. */
  public static final String MODULE = "network.pt";

  /** What the run was and gave. */
  public static final String REPORT = "report.json";

  /** To look at; there only if a module draws it. */
  public static final String PAGE = "report.html";

  /** All but pages; a folder that has the last one is complete. */
  public static final ImmutableSet<String> ALL =
      ImmutableSet.of(
          WEIGHTS, MODULE, NetworkText.NAME, MASKS, PROMPT, REPORT, ResultDescription.NAME);

  private ResultFiles() {}

  /**
   * Takes a result away, if there is one. Files of other names stay, and then the folder.
   *
   * @throws IllegalStateException if another process, or another thread, is writing it
   */
  public static void remove(Path folder) throws IOException {
    if (Files.isRegularFile(folder.resolve(ResultDescription.NAME))) {
      AtomicFolder.of(Lists.asList(PAGE, ALL.toArray(String[]::new)).toArray(String[]::new))
          .delete(folder);
    }
  }

  /** Refuses a file in place of the folder, or of one that it should be in. */
  public static void requireFolder(Path folder) throws IOException {
    Path there = folder;
    while (there.getParent() != null && !Files.exists(there)) {
      there = there.getParent();
    }
    if (Files.isRegularFile(there)) {
      FileGuess guess = FileGuess.of(there);
      throw new FormatException(
          "file in place of a result folder",
          there.toString(),
          "a folder that PrunedModel.save wrote",
          guess.what(),
          guess.remedy());
    }
  }

  /** A link to outside would have a folder from a stranger read what lies elsewhere. */
  public static void requireFile(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      throw new IOException(
          Problem.message(
              "result folder incomplete",
              file.toString(),
              "a file",
              "none",
              "pass a folder that PrunedModel.save wrote, or save the result again"));
    }
    if (!Files.isRegularFile(file) || !file.toRealPath().startsWith(folder.toRealPath())) {
      throw new IOException(
          Problem.message(
              "result folder leads elsewhere",
              file.toString(),
              "a file inside the folder",
              Files.isRegularFile(file) ? "a link to outside" : "something else than a file",
              "copy the files themselves into one folder (cp -rL follows links)"));
    }
  }

  /** What {@code model.json} says. */
  public static ResultDescription description(Path folder) throws IOException {
    requireFile(folder, ResultDescription.NAME);
    return ResultDescription.read(folder);
  }
}
