package org.vpns.study;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.report.PruneReport;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;

/**
 * A method at a sparsity with a seed, and what it gives: of recipes a report ({@link #of(Recipe)});
 * of anything else whatever can be kept in a file. Immutable; makes no use of anything but what it
 * is given, so it can be run by another process as well.
 *
 * @param <R> what a run gives
 */
public interface StudyRun<R> {
  /** The method, as tables call it. */
  String method();

  /** Fraction removed. */
  Sparsity sparsity();

  /** Of all random choices. */
  long seed();

  /** All that tells this run from others; of two runs with equal options one is made. */
  Map<String, String> options();

  /**
   * About how long it takes, beside others.
   *
   * @param images how many there are to train on
   */
  long gradientSteps(long images);

  /** Makes the run. */
  R run(Place place) throws IOException;

  /** Writes what a run gave; an existing file is replaced as a whole or not at all. */
  void write(R result, Path file) throws IOException;

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalStateException if it is of a run with other options, network or images
   * @throws IOException if it cannot be read
   */
  R read(Path file, Place place) throws IOException;

  /** One line on what a run gave. */
  String line(R result);

  /** A run of a recipe. */
  static StudyRun<PruneReport> of(Recipe recipe) {
    return of(recipe, (same, network, images) -> same);
  }

  /** A run of a recipe on a network that is changed before. */
  static StudyRun<PruneReport> of(Recipe recipe, Fitting fitting) {
    return new RecipeRun(
        Problem.given(recipe, "StudyRun.of", "recipe"),
        Problem.given(fitting, "StudyRun.of", "fitting"));
  }

  /** Makes a task's network that of a method. */
  @FunctionalInterface
  interface Fitting {
    /**
     * Changes the network.
     *
     * @param network a fresh copy; may be given another block
     * @return the recipe for the network as it is then
     */
    Recipe fit(Recipe recipe, Model network, ImageSets images);
  }

  /**
   * Where a run is made.
   *
   * @param network a fresh copy of the dense network, which the run may change and the study closes
   * @param images of the task and seed
   * @param stages folder for stages that runs begin with alike
   * @param checkpoints folder for checkpoints of this run, from which it goes on; removed when it
   *     is done
   * @param model folder for the pruned model; null where it is not to be kept
   * @param listener hears of the run
   */
  record Place(
      Model network,
      ImageSets images,
      Path stages,
      Path checkpoints,
      @Nullable Path model,
      RunListener listener) {
    /** Everything but the folder of the model is needed. */
    public Place {
      Problem.given(network, "new StudyRun.Place", "network");
      Problem.given(images, "new StudyRun.Place", "images");
      Problem.given(stages, "new StudyRun.Place", "stages");
      Problem.given(checkpoints, "new StudyRun.Place", "checkpoints");
      Problem.given(listener, "new StudyRun.Place", "listener");
    }
  }
}
