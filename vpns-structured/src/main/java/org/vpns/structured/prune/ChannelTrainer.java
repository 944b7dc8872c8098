package org.vpns.structured.prune;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelMapping;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.VisualPrompt;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.flow.TracedBlock;
import org.vpns.internal.network.FrozenParameters;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelRules;
import org.vpns.train.ImageSets;
import org.vpns.train.MaskRule;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/**
 * Runs a recipe with channels taken out before its tuning:
 *
 * <pre>{@code
 * Recipe recipe =
 *     Recipe.of(ChannelPruners.vpns(), Sparsity.of(0.5))
 *         .prompt(Prompts.pad(16))
 *         .mapping(Mappings.frequency())
 *         .build();
 * try (ChannelRun run = ChannelTrainer.of(recipe).fit(model, images)) {
 *   System.out.println(run.report());
 *   run.result().save(folder);
 * }
 * }</pre>
 *
 * <p>The stages before the tuning run on a copy of the network; what is shut off leaves it; the
 * smaller network is checked to give what the whole one gives, and goes on as it is, with prompt
 * and label mapping, through the stages that are left. Single weights that are removed before the
 * cut stay removed: what the channels leave of the mask holds for the smaller network. The model
 * that is given stays as it is. Immutable and reusable.
 */
public final class ChannelTrainer extends Value<ChannelTrainer> {
  private static final String FINDING = "finding";
  private static final String TUNING = "tuning";

  private final Recipe recipe;
  private final int tuning;
  private ChannelRules rules = ChannelRules.standard();
  private @Nullable ChannelChoice choice;
  private RunListener listener = new RunListener() {};
  private @Nullable Path folder;
  private boolean resume;

  private ChannelTrainer(Recipe recipe, int tuning) {
    this.recipe = recipe;
    this.tuning = tuning;
  }

  /**
   * A trainer without listener and checkpoints; the channels that leave are those that the mask of
   * the stages before tuning shuts off.
   *
   * @throws IllegalArgumentException if the recipe has no stage before its tuning, or one from
   *     there on goes back to the whole network
   */
  public static ChannelTrainer of(Recipe recipe) {
    Problem.given(recipe, "ChannelTrainer.of", "recipe");
    OptionalInt tuning = recipe.tuning();
    if (tuning.isEmpty() || tuning.getAsInt() == 0) {
      throw Problem.argument(
          "no place to take channels out",
          "recipe " + recipe,
          "stages that find channels, then one that tunes weights under a mask that stays",
          recipe.stages().stream().map(Stage::name).toList(),
          "take a recipe of ChannelPruners, or put a stage before the tuning");
    }
    for (Stage stage : recipe.stages().subList(tuning.getAsInt(), recipe.stages().size())) {
      if (stage.rewind() != Rewind.none() || stage.distillation() != null) {
        throw Problem.argument(
            "stage that needs the whole network",
            "recipe " + recipe + ", stage '" + stage.name() + "'",
            "tuning of the smaller network as it is",
            stage.distillation() != null ? "the whole one as teacher" : "a rewind",
            "leave out rewind and distil");
      }
    }
    return new ChannelTrainer(recipe, tuning.getAsInt());
  }

  /**
   * What may leave, as the method has it; default {@link ChannelRules#standard()}. What is frozen
   * keeps its shape, unless they are {@link ChannelRules#frozenToo()} or the recipe prunes frozen
   * weights ({@link org.vpns.ParameterFilter#frozenToo()}).
   */
  public ChannelTrainer rules(ChannelRules newRules) {
    Problem.given(newRules, "ChannelTrainer.rules", "rules");
    return with(t -> t.rules = newRules);
  }

  /**
   * Which channels leave; default: those that the mask shuts off, which then removes nothing else.
   */
  public ChannelTrainer leaving(ChannelChoice newChoice) {
    Problem.given(newChoice, "ChannelTrainer.leaving", "choice");
    return with(t -> t.choice = newChoice);
  }

  /**
   * With a listener, which hears of both runs, in place of the one before. Where it stops the run
   * before the cut, what is shut off so far leaves, and tuning makes one step; the run can be
   * resumed as if it had never been stopped.
   */
  public ChannelTrainer listener(RunListener newListener) {
    Problem.given(newListener, "ChannelTrainer.listener", "listener");
    return with(t -> t.listener = newListener);
  }

  /** With checkpoints of both runs in folders of their own below this one. */
  public ChannelTrainer checkpoints(Path newFolder) {
    Problem.given(newFolder, "ChannelTrainer.checkpoints", "folder");
    return with(t -> t.folder = newFolder);
  }

  /** Goes on from the checkpoints in the folder, as {@link Trainer#resume()} does. */
  public ChannelTrainer resume() {
    return with(t -> t.resume = true);
  }

  /**
   * Finds channels, takes them out and tunes the rest.
   *
   * @param model any block that can be traced; it stays as it is
   * @throws IllegalArgumentException if network, images and recipe do not fit each other, or the
   *     mask removes anything but channels
   * @throws IllegalStateException as {@link Trainer#fit(Model, ImageSets)}, and if the network
   *     without its channels is another
   * @throws UncheckedIOException if images or checkpoints cannot be read or written
   */
  public ChannelRun fit(Model model, ImageSets images) {
    Problem.given(model, "ChannelTrainer.fit", "model");
    Problem.given(images, "ChannelTrainer.fit", "images");
    Problem.open(model);
    requireDecision();
    requireRoomForTuning();
    Model smaller = Model.newInstance(model.getName(), model.getNDManager().getDevice());
    try (Model whole = Model.newInstance(model.getName(), model.getNDManager().getDevice())) {
      NetworkValues dense = TracedBlock.of(model.getBlock(), input());
      whole.setBlock(GraphBlock.of(dense, whole.getNDManager()));
      FrozenParameters.copy(model.getBlock(), whole.getBlock());
      if (choice == null) {
        Layout layout = ParameterPaths.of(whole.getBlock()).prunable(recipe.filter());
        ChannelRules held = FrozenChannels.held(rules, dense.graph(), whole.getBlock(), layout);
        GatedUnits gated = GatedUnits.of(dense.graph(), held, layout);
        ChannelCut.requireGatesThatShutOff(dense, gated, layout, input());
      }
      try (PrunedModel found = trainer(finding(), FINDING).fit(whole, images)) {
        return tune(found, smaller, images);
      }
    } catch (Throwable e) {
      smaller.close();
      throw e;
    }
  }

  private ChannelRun tune(PrunedModel found, Model smaller, ImageSets images) {
    GraphBlock block = (GraphBlock) found.model().getBlock();
    try (NDManager scope = found.model().getNDManager().newSubManager()) {
      NetworkValues trained = block.network();
      ChannelRules held =
          FrozenChannels.held(rules, trained.graph(), block, found.masks().layout());
      ChannelCut cut =
          choice == null
              ? ChannelCut.byMask(trained, held, found.masks(), recipe.sparsity())
              : ChannelCut.byChoice(trained, held, choice, scope);
      NetworkValues rest = cut.apply(scope);
      double difference = cut.requireSame(rest, input(), scope);
      smaller.setBlock(GraphBlock.of(rest, smaller.getNDManager()));
      FrozenParameters.copy(block, smaller.getBlock());
      int free = cut.groups().free().size();
      MaskSet left = cut.plan().slices(trained.graph()).cut(found.masks());
      Recipe tuning = tuning(found, left, cut.plan().units(cut.groups()).size(), free);
      boolean stopped = found.report().provenance().containsKey(PruneReport.STOPPED);
      Trainer last = stopped ? stopping(tuning) : trainer(tuning, TUNING);
      PrunedModel tuned = last.fit(smaller, images);
      tuned.recordChannels(cut.plan().toRecord());
      ChannelReport report =
          new ChannelReport(cut.plan(), free, difference, found.report(), tuned.report());
      return new ChannelRun(smaller, tuned, report);
    }
  }

  private Shape input() {
    return new Shape(recipe.input().channels(), recipe.input().height(), recipe.input().width());
  }

  private void requireDecision() {
    if (choice == null && !mask(recipe.stages().subList(0, tuning))) {
      throw Problem.state(
          "nothing says which channels leave",
          "recipe " + recipe,
          "a stage before the tuning whose mask shuts channels off, or ChannelTrainer.leaving",
          "neither",
          "take a recipe of ChannelPruners, or call leaving");
    }
  }

  /**
   * The first run makes sure of its own folder; that of the second is needed after all its steps.
   */
  private void requireRoomForTuning() {
    if (folder == null) {
      return;
    }
    Path place = folder.resolve(TUNING);
    try {
      CheckpointFile.lock(place, place, "checkpoint").close();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private Trainer trainer(Recipe run, String name) {
    Trainer trainer = Trainer.of(run).listener(listener);
    trainer = folder == null ? trainer : trainer.checkpoints(folder.resolve(name));
    return resume ? trainer.resume() : trainer;
  }

  /**
   * Ends with what there is. Without checkpoints: the channels that leave are not found yet, and
   * the run that goes on will tune another network.
   */
  private Trainer stopping(Recipe tuning) {
    RunListener asked =
        new RunListener() {
          @Override
          public boolean isStopRequested() {
            return true;
          }
        };
    return Trainer.of(tuning).listener(RunListener.all(listener, asked));
  }

  private Recipe finding() {
    List<Stage> stages = recipe.stages().subList(0, tuning);
    return run(recipe.name(), mask(stages) ? recipe.sparsity() : Sparsity.DENSE, stages).build();
  }

  private static boolean mask(List<Stage> stages) {
    return stages.stream().anyMatch(stage -> !stage.mask().equals(MaskRule.keep()));
  }

  private Recipe tuning(PrunedModel found, MaskSet left, int removed, int free) {
    List<Stage> own = recipe.stages().subList(tuning, recipe.stages().size());
    Sparsity sparsity =
        mask(own) ? recipe.sparsity() : Sparsity.removing(left.size() - left.kept(), left.size());
    List<Stage> stages = left.kept() == left.size() ? own : under(left, own);
    String name =
        recipe.name()
            + " "
            + recipe.sparsity()
            + ", without "
            + removed
            + " of "
            + free
            + " channels";
    Recipe.Builder run = run(name, sparsity, stages);
    VisualPrompt learned = found.prompt();
    PromptFactory kind = recipe.prompt();
    if (kind != null && learned != null && showsPrompt(stages)) {
      run.prompt(new CarriedPrompt(kind, learned));
    }
    boolean anew = stages.get(0).remapsLabels() || recipe.mapping().refreshEpochs() > 0;
    return anew ? run.build() : run.mapping(LabelMapping.given(found.mapping())).build();
  }

  /** Stages that begin with a mask. */
  private static List<Stage> under(MaskSet masks, List<Stage> stages) {
    Stage first = stages.get(0);
    List<Stage> under = new ArrayList<>(stages);
    under.set(0, first.toBuilder().mask(new CarriedMask(masks, first.mask())).build());
    return under;
  }

  private Recipe.Builder run(String name, Sparsity sparsity, List<Stage> stages) {
    Recipe.Builder run = Recipe.of(name, sparsity, stages.toArray(Stage[]::new)).like(recipe);
    return recipe.prompt() != null && !showsPrompt(stages) ? run.withoutPrompt() : run;
  }

  private static boolean showsPrompt(List<Stage> stages) {
    return stages.stream().anyMatch(stage -> stage.usesPrompt() || stage.scoresWithPrompt());
  }
}
