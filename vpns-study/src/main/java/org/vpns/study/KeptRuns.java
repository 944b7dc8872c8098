package org.vpns.study;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.vpns.Problem;
import org.vpns.internal.io.FolderLock;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * Runs whose reports are kept in a folder, a file each; what is there is not run again. So a
 * comparison of hours goes on where it was stopped. Stages that runs begin with alike are run once,
 * as {@link Trainer#sharedStages} says; every report tells the cost of a run alone. Several
 * processes may share a folder: each run is made by one of them.
 */
public final class KeptRuns {
  private final Path reports;
  private final Path stages;

  /** In two folders below the given one, {@code runs} and {@code stages}, which are made. */
  public KeptRuns(Path folder) throws IOException {
    Problem.given(folder, "new KeptRuns", "folder");
    reports = Files.createDirectories(folder.resolve("runs"));
    stages = folder.resolve("stages");
  }

  /**
   * The report of a run, from the folder if it is there.
   *
   * @param model the dense network; pruned afterwards, if the run was not there
   * @throws IllegalStateException if the folder holds a run of this method, sparsity and seed with
   *     other options, images or network, or another process is making that run
   */
  @SuppressWarnings("try") // the lock is held, not used
  public PruneReport run(Recipe recipe, Model model, ImageSets splits) throws IOException {
    Problem.given(recipe, "KeptRuns.run", "recipe");
    Problem.given(model, "KeptRuns.run", "model");
    Problem.given(splits, "KeptRuns.run", "splits");
    try (FolderLock lock = FolderLock.take(reports, fileName(recipe))) {
      return runAlone(recipe, model, splits);
    }
  }

  private PruneReport runAlone(Recipe recipe, Model model, ImageSets splits) throws IOException {
    Path file = reports.resolve(fileName(recipe));
    Trainer trainer = Trainer.of(recipe).sharedStages(stages);
    if (Files.exists(file)) {
      return PruneReport.read(file).requireRunOf(trainer.identity(model, splits), file);
    }
    try (PrunedModel pruned = trainer.fit(model, splits)) {
      pruned.report().write(file);
      return pruned.report();
    }
  }

  /** Names that differ in signs alone share a file, but not their options. */
  public static String fileName(Recipe recipe) {
    Problem.given(recipe, "KeptRuns.fileName", "recipe");
    String name =
        recipe.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("-$", "");
    return name + "-" + recipe.sparsity() + "-" + recipe.seed() + ".json";
  }
}
