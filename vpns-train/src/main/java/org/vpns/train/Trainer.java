package org.vpns.train;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.learn.ThreadTeam;
import org.vpns.internal.network.GradientGate;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkState;
import org.vpns.internal.run.Failures;
import org.vpns.internal.run.LastWords;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;

/**
 * Runs a {@link Recipe} on a model and images. Immutable and reusable.
 *
 * <p>The model is pruned in place: afterwards its removed weights are exactly 0.0. If a run fails,
 * for whatever reason, the model's weights and statistics are brought back as they were. Equal
 * recipe, data, network, machine and number of threads give equal bits.
 */
public final class Trainer extends Value<Trainer> {
  private final Recipe recipe;
  private RunListener listener = new RunListener() {};
  private @Nullable Path folder;
  private long checkpointEvery;
  private boolean resume;
  private boolean trusted;
  private @Nullable Path sharedStages;

  private Trainer(Recipe recipe) {
    this.recipe = recipe;
  }

  /** A trainer without listener and checkpoints. */
  public static Trainer of(Recipe recipe) {
    Problem.given(recipe, "Trainer.of", "recipe");
    return new Trainer(recipe);
  }

  /** With a listener in place of the one before. */
  public Trainer listener(RunListener newListener) {
    Problem.given(newListener, "Trainer.listener", "listener");
    return with(t -> t.listener = newListener);
  }

  /**
   * With a checkpoint after every epoch in the given folder, which is made if need be and is locked
   * while the run is under way. A checkpoint holds the whole state of the run in one file that is
   * replaced as a whole. A process that is told to end (Ctrl-C, SIGTERM) says on standard error how
   * to go on.
   */
  public Trainer checkpoints(Path newFolder) {
    Problem.given(newFolder, "Trainer.checkpoints", "folder");
    return with(t -> t.folder = newFolder);
  }

  /**
   * With a checkpoint after every so many iterations instead of every epoch.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Trainer checkpointEvery(long iterations) {
    if (iterations < 1) {
      throw Problem.argument(
          "checkpoint interval out of range",
          "Trainer.checkpointEvery",
          "at least 1 iteration",
          iterations,
          "write them less often, not more");
    }
    return with(t -> t.checkpointEvery = iterations);
  }

  /**
   * Continues from the checkpoint in the folder, if there is one; the result equals that of an
   * uninterrupted run bit for bit. Start it with the same network, images and recipe. A checkpoint
   * that holds a TorchScript module is refused ({@link #resumeTrusted}).
   */
  public Trainer resume() {
    return with(t -> t.resume = true);
  }

  /**
   * As {@link #resume()}, and also from a checkpoint that holds a TorchScript module, which runs.
   * Its code must be that of the module that is pruned; what its attributes say is the
   * checkpoint's. So resume what you or those you trust have written.
   */
  public Trainer resumeTrusted() {
    return with(
        t -> {
          t.resume = true;
          t.trusted = true;
        });
  }

  /**
   * Shares stages with other runs: the state after every stage but the last is kept in the given
   * folder, and a run begins with the furthest state there that its own stages, network, images and
   * seed would lead to. The result equals that of a run alone, bit for bit. Each state takes twice
   * the room of the network; delete the folder when it is no longer of use.
   */
  public Trainer sharedStages(Path newFolder) {
    Problem.given(newFolder, "Trainer.sharedStages", "folder");
    return with(t -> t.sharedStages = newFolder);
  }

  /** {@link #fit(Model, ImageSets)} with validation images. */
  public PrunedModel fit(
      Model model, RandomAccessDataset train, RandomAccessDataset validation, int classes) {
    Problem.given(model, "Trainer.fit", "model");
    Problem.given(train, "Trainer.fit", "train");
    Problem.given(validation, "Trainer.fit", "validation");
    return fit(model, ImageSets.of(train, classes).validation(validation));
  }

  /**
   * Prunes the model. A TorchScript module must have been loaded with the option {@code trainParam}
   * = {@code true}.
   *
   * @return the pruned model with its prompt, mapping and report; the model inside is the given one
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   * @throws IllegalStateException if the loss is not finite, a checkpoint is in the way or belongs
   *     to another run, another run is writing the folder, there is no folder for checkpoints that
   *     were asked for, or another run of this JVM or a gradient collector of the caller's is under
   *     way. While this one is, other threads cannot read or write the model through the library
   * @throws UncheckedIOException if images or checkpoints cannot be read or written
   */
  @SuppressWarnings("try") // the gate is held, not used
  public PrunedModel fit(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.fit", "model");
    Problem.given(splits, "Trainer.fit", "splits");
    String what = "run of " + recipe;
    try (GradientGate.Hold gate = GradientGate.take(model.getNDManager(), what)) {
      Runnable changed = Problem.changing(model, what);
      try {
        return run(model, splits);
      } finally {
        changed.run();
      }
    } catch (IOException e) {
      Failures.andThen(e, () -> listener.runFailed(e));
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (Throwable e) {
      Failures.andThen(e, () -> listener.runFailed(e));
      throw e;
    }
  }

  @SuppressWarnings("try") // the last words are held, not used
  private PrunedModel run(Model model, ImageSets splits) throws IOException {
    if (folder == null && (resume || checkpointEvery > 0)) {
      throw Problem.state(
          "no folder for checkpoints",
          "Trainer." + (resume ? "resume" : "checkpointEvery"),
          "Trainer.checkpoints(folder)",
          "none",
          "name the folder");
    }
    try (Checkpoints checkpoints = Checkpoints.open(folder, checkpointEvery, resume, sharedStages);
        LastWords words =
            new LastWords(() -> "run of " + recipe + " stopped; " + checkpoints.howToGoOn() + ".");
        Network network = Network.open(model, recipe.filter());
        ThreadTeam team = new ThreadTeam()) {
      NetworkState before = network.snapshot();
      NDManager promptManager = model.getNDManager().newSubManager();
      try {
        Setting setting = Setting.of(recipe, listener, network, team, promptManager, splits);
        return Run.execute(setting, checkpoints.of(recipe, setting.identity()), resume, trusted);
      } catch (Throwable e) { // other languages throw checked exceptions undeclared
        if (!model.getNDManager().isOpen()) { // nothing is left to restore
          IllegalStateException closed =
              Problem.state(
                  "model closed during its run",
                  "run of " + recipe,
                  "a model that is open until the run has ended",
                  "one that was closed",
                  "close it after the run");
          closed.initCause(e);
          throw closed;
        }
        Failures.andThen(e, promptManager::close);
        Failures.andThen(e, () -> network.restore(before));
        throw e;
      }
    }
  }

  /**
   * The mask with which the recipe's first stage would begin, without any training: the recipe's
   * images, prompt and label mapping are those of the run. The model stays as it is.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   */
  @SuppressWarnings("try") // the gate is held, not used
  public MaskSet findMask(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.findMask", "model");
    Problem.given(splits, "Trainer.findMask", "splits");
    try (GradientGate.Hold gate = GradientGate.take(model.getNDManager(), "mask of " + recipe)) {
      return look(model, splits, setting -> Run.of(setting).findMask());
    }
  }

  /**
   * What a run would depend on, by name: the recipe's {@linkplain Recipe#options() options}, the
   * images and the network. A run's report has the same entries in its provenance, so a report with
   * them is as good as another run. The model stays as it is.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   */
  public Map<String, String> identity(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.identity", "model");
    Problem.given(splits, "Trainer.identity", "splits");
    return look(model, splits, setting -> setting.identity());
  }

  /**
   * The recipe's label mapping on the network as it is, without any training. No test image is
   * read. The model stays as it is.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   */
  public LabelAssignment findMapping(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.findMapping", "model");
    Problem.given(splits, "Trainer.findMapping", "splits");
    return look(model, splits, setting -> Run.of(setting).findMapping());
  }

  /**
   * Right answers of the network as it is on the test images, without any training: placed as the
   * recipe says, without prompt, by the label mapping of the dense network. The model stays as it
   * is.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other, or there
   *     are no test images
   */
  public Accuracy accuracy(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.accuracy", "model");
    Problem.given(splits, "Trainer.accuracy", "splits");
    if (splits.test() == null) {
      throw Problem.argument(
          "no images to count right answers on",
          "Trainer.accuracy",
          "test images",
          "none",
          "add them by ImageSets.test");
    }
    return look(model, splits, setting -> Objects.requireNonNull(Run.of(setting).accuracy()));
  }

  /**
   * Gradient steps that a run takes in training if nothing ends it early: all stages and passes, of
   * the images that are left beside those set aside for validation, a last image that cannot be a
   * batch joined to the one before. The model stays as it is.
   *
   * @throws IllegalArgumentException if network, images and recipe do not fit each other
   */
  public long gradientSteps(Model model, ImageSets splits) {
    Problem.given(model, "Trainer.gradientSteps", "model");
    Problem.given(splits, "Trainer.gradientSteps", "splits");
    return look(model, splits, setting -> recipe.stepsOf(setting.images().train().perEpoch()));
  }

  /** Looks at a run that does not begin. */
  private <T> T look(Model model, ImageSets splits, Function<Setting, T> question) {
    try (Network network = Network.open(model, recipe.filter());
        ThreadTeam team = new ThreadTeam();
        NDManager promptManager = model.getNDManager().newSubManager()) {
      return question.apply(Setting.of(recipe, listener, network, team, promptManager, splits));
    }
  }
}
